/**
 * `npm run demo`: starts everything on this machine, lets an alert arrive for every VM of the simulated fleet, follows
 * the repairs and judges the result by the simulated Azure itself. Exits with 0 only if each VM ended as it should.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callDoor, followRepair, type AppAddress } from './app-client';
import { availabilityAlert } from './alert-payload';
import { startCloud } from './cloud';
import { bold, dim, findingLines, green, outcomeLines, progressPrinter, red } from './progress';
import { openSimulatedAzure } from './simulated-azure-client';
import { judgeFleet, saidOf, type Said, type Verdict } from './verdicts';

/** Azure's minutes pass this much faster. */
const speed = 20;

async function main(): Promise<number> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-'));
  console.log(dim(`Starting the simulated Azure, its storage and the app; time runs ${speed} times as fast …`));
  const cloud = await startCloud({ stateFolder, speed });
  try {
    const azure = openSimulatedAzure(cloud.azure.controlUrl);
    const [vms, before] = await Promise.all([azure.vms(), azure.resources()]);
    const width = Math.max(...vms.map(({ name }) => name.length));
    console.log(`\nAn alert arrives for each of ${vms.length} VMs:\n`);
    const said = await Promise.all(vms.map(({ id, name }) => alertAndFollow(cloud, id, name.padEnd(width))));
    const saidOfVm = Object.fromEntries(vms.map(({ name }, index) => [name, said[index] ?? { ending: 'nothing' }]));
    const verdicts = await judgeFleet(azure, saidOfVm, { resources: before, vms });
    printTable(verdicts);
    return verdicts.every(({ problems }) => problems.length === 0) ? 0 : 1;
  } finally {
    await cloud.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

async function alertAndFollow(app: AppAddress, vmId: string, name: string): Promise<Said> {
  const answer = await callDoor(app, 'POST', '/api/alerts', availabilityAlert(vmId));
  const { repairId } = answer.body;
  if (answer.status !== 202 || typeof repairId !== 'string') {
    console.log(`${name} ${red('■')} the door answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return { ending: `answered ${answer.status}` };
  }
  const report = await followRepair(app, repairId, progressPrinter(name));
  const lines = report.ending === 'repaired' ? outcomeLines(report) : findingLines(report);
  if (lines.length > 0) console.log(lines.map((line) => `${name}   ${line}`).join('\n'));
  return saidOf(report);
}

function printTable(verdicts: Verdict[]): void {
  const rows = verdicts.map(({ vm, ending, cause, boot, services, address, snapshot, problems }) => [
    problems.length === 0 ? '✔' : '✘',
    vm,
    ending,
    cause,
    boot,
    services,
    address,
    snapshot,
    problems.join('; '),
  ]);
  const header = ['', 'VM', 'ended as', 'cause named, source', 'runs', 'services', 'address', 'snapshot', ''];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(`\nWhat the simulated Azure itself says, guest by guest:\n\n${bold(line(header))}`);
  for (const row of rows) console.log(row[0] === '✔' ? green(line(row)) : red(line(row)));
  const good = verdicts.filter(({ problems }) => problems.length === 0).length;
  console.log(`\n${good} of ${verdicts.length} VMs ended as they should.`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
