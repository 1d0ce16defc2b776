/**
 * `npm run test:crash`: the host of each repair dies by SIGKILL before and after each call to ARM, each commit and each
 * write to the ledger; every repair must end like the one that nobody disturbed. `-- vm-dhcp-disabled` sweeps one repair
 * only, `-- --resume` goes on where an interrupted sweep stopped. Needs the bundle.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds, openSweep, type Range, type Sweep } from '../test/scenarios/support/crash-sweep/sweep';

const everyRepair = ['vm-dhcp-disabled', 'vm-dhcp-rebooted', 'vm-safe-mode-agent'];
/** One line for each point without a difference. */
const progressFile = join(__dirname, '../.local/test-crash.txt');
/** More deaths than deeds: a repair may look more often than the one that was counted. */
const margin = 10;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { resume: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const passed = readProgress(values.resume);
  const sweep = await openSweep({ workers: 3, speed: 40 });
  try {
    const likes = positionals.length > 0 ? positionals : everyRepair;
    let differences = 0;
    for (const like of likes) differences += await sweepRepair(sweep, like, passed);
    return differences === 0 ? 0 : 1;
  } finally {
    await sweep.stop();
  }
}

async function sweepRepair(sweep: Sweep, like: string, passed: Set<string>): Promise<number> {
  const { deeds } = await sweep.reference(like);
  const counts = kinds.map((of) => ({ of, count: sweep.countOf(of, deeds) }));
  const ranges = counts.flatMap(({ of, count }) =>
    (['before', 'after'] as const).map((when): Range => {
      const points = Array.from({ length: count + margin }, (_, index) => index + 1);
      return { like, of, when, only: points.filter((nth) => !passed.has(`${like}: ${when} ${nth} of the ${of}`)) };
    }),
  );
  const text = counts.map(({ of, count }) => `${count} ${of}`).join(', ');
  console.log(`${like}: before and after each of ${text}`);
  let tried = 0;
  const { deaths, differences } = await sweep.run(ranges, 'SIGKILL', ({ at, died, problems }) => {
    tried += 1;
    if (died && problems.length === 0) appendFileSync(progressFile, `${at}\n`);
    if (tried % 25 === 0) console.log(`  ${tried} tried, the last one ${at}`);
  });
  for (const { at, problems } of differences) console.log(`  ${at}\n    ${problems.join('\n    ')}`);
  console.log(`crash sweep: ${like}, ${deaths} deaths by SIGKILL, ${differences.length} differences`);
  return differences.length;
}

function readProgress(resume: boolean): Set<string> {
  mkdirSync(dirname(progressFile), { recursive: true });
  if (!resume) rmSync(progressFile, { force: true });
  return new Set(existsSync(progressFile) ? readFileSync(progressFile, 'utf8').split('\n') : []);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
