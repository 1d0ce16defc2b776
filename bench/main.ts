/**
 * `npm run bench`: the figures that we care about, each the median of several runs on this machine (of one, where other
 * tools read a disk). Compare ratios within one run; the figures of two machines say nothing about each other.
 */
import { benchAlertAcknowledgement } from './alert-acknowledgement';
import { benchDisk, type DiskFigures } from './disk';
import { benchHost } from './host';
import { benchLoadTime } from './load-time';

/** What the real host with Azurite did on 2 cores: 100 two-activity orchestrations in 4.5 to 6.3 s. */
const realHostPerSecond = 22;

async function main(): Promise<void> {
  const load = await benchLoadTime();
  print('load time of the deployed bundle', `${load.bundle.toFixed(0)} ms`);
  print(
    'load time with packages unbundled',
    `${load.unbundled.toFixed(0)} ms`,
    `${(load.unbundled / load.bundle).toFixed(1)} × the bundle`,
  );
  const host = await benchHost();
  const ratio = (host.orchestrationsPerSecond / realHostPerSecond).toFixed(1);
  print(
    host.name,
    `${host.orchestrationsPerSecond} orchestrations/s`,
    `${ratio} × the real host with Azurite (${realHostPerSecond}/s)`,
  );
  const door = await benchAlertAcknowledgement();
  const remark = `${door.alerts} alerts at 50/s, ${door.notAccepted} not accepted`;
  print('alert acknowledgement, p50', `${door.p50.toFixed(0)} ms`, remark);
  print('alert acknowledgement, p99', `${door.p99.toFixed(0)} ms`);
  const disk = await benchDisk();
  print('diagnosis off a disk of 127 GiB, clean', `${disk.clean.seconds.toFixed(2)} s`, costOf(disk.clean));
  print('the same, hives dirty', `${disk.dirty.seconds.toFixed(2)} s`, costOf(disk.dirty));
  if ('missing' in disk.tools) {
    print('the same with nbdkit, ntfs-3g and hivex', 'not measured', `missing: ${disk.tools.missing}`);
    return;
  }
  const slower = (disk.tools.seconds / disk.clean.seconds).toFixed(1);
  print(
    'the same with nbdkit, ntfs-3g and hivex',
    `${disk.tools.seconds.toFixed(2)} s`,
    `${slower} × the clean disk; ${costOf(disk.tools)}`,
  );
}

function costOf({ bytes, requests }: DiskFigures): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB in ${requests} requests of 20 ms`;
}

function print(name: string, figure: string, remark = ''): void {
  console.log(`${name.padEnd(42)} ${figure.padStart(24)}   ${remark}`.trimEnd());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
