/**
 * `npm run bench`: the figures that we care about, each the median of several runs on this machine (of one, where other
 * tools read a disk). Compare ratios within one run; the figures of two machines say nothing about each other. The repairs
 * are measured in virtual time and come out the same everywhere.
 */
import { benchAlertAcknowledgement } from './alert-acknowledgement';
import { benchDisk, type DiskFigures } from './disk';
import { benchHost } from './host';
import { benchLoadTime } from './load-time';
import { benchRecoverySpeed, benchRepairSpeed, type Pace } from './repair-speed';
import { azVmRepairSpeed, type RepairScript } from './repair-speed/az-vm-repair';
import type { TokensOfVm } from './repair-speed/measured';
import type { Helper } from './repair-speed/stage';

/** What the real host with Azurite did on 2 cores: 100 two-activity orchestrations in 4.5 to 6.3 s. */
const realHostPerSecond = 22;

/** By what each VM of the simulated fleet shows. */
const repairs = {
  'vm-dhcp-disabled': 'DHCP mended by Run Command',
  'vm-safe-mode-agent': 'safe mode mended, with its restart',
  'vm-dhcp-rebooted': 'cause read off the snapshot, agent dead',
};

/** VMs that only a recovery VM reaches, with the script of `az vm repair` for the same. */
const recoveries = [
  { vm: 'vm-dhcp-rebooted', helper: 'made', name: 'DHCP mended on a copy, agent dead', script: 'win-dhcp-fix' },
  { vm: 'vm-dhcp-rebooted', helper: 'made-first', name: 'the same, rehearsed first', script: 'win-dhcp-fix' },
  { vm: 'vm-dhcp-rebooted', helper: 'standing', name: 'the same, standing recovery VM', script: 'win-dhcp-fix' },
  { vm: 'vm-safe-mode', helper: 'made', name: 'safe mode mended on a copy', script: 'win-toggle-safe-mode' },
  { vm: 'vm-safe-mode', helper: 'standing', name: 'the same, standing recovery VM', script: 'win-toggle-safe-mode' },
] satisfies { vm: string; helper: Exclude<Helper, 'none'>; name: string; script: RepairScript }[];

async function main(): Promise<void> {
  for (const [vm, name] of Object.entries(repairs)) await printRepair(vm, name);
  for (const recovery of recoveries) await printRecovery(recovery);
  console.log(
    '  in virtual time: 250 ms for each durable hop (end of an activity, start and end of a sub-orchestration, timer),\n' +
      '  Azure and the guest by local/azure/durations.ts; calls to ARM and the ledger are part of the hop. Floor: the same\n' +
      '  story without hops and with a look every 50 ms (200 ms with a recovery VM). From acceptance to proof; what is\n' +
      '  temporary is removed after that. Downtime: from the request to power off until Azure calls the VM running.\n' +
      '  az vm repair: bench/repair-speed/az-vm-repair.ts; until the agent is Ready, without looking for the cause.',
  );
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

async function printRepair(vm: string, name: string): Promise<void> {
  const { seconds, floorSeconds, ratio, armCalls, hops, gaps, tokens } = await benchRepairSpeed(vm);
  const floor = `${ratio.toFixed(2)} × the floor of ${floorSeconds.toFixed(1)} s; ${armCalls} ARM calls, ${hops} hops`;
  print(name, `${seconds.toFixed(1)} s`, floor);
  printGaps({ gaps });
  printTokens(tokens);
}

async function printRecovery({ vm, helper, name, script }: (typeof recoveries)[number]): Promise<void> {
  const { seconds, floorSeconds, ratio, downtime, armCalls, hops, gaps, tokens } = await benchRecoverySpeed(vm, helper);
  const floor = `${ratio.toFixed(2)} × the floor of ${floorSeconds.toFixed(1)} s; ${armCalls} ARM calls, ${hops} hops`;
  print(name, `${seconds.toFixed(1)} s`, floor);
  printGaps({ gaps });
  printTokens(tokens);
  const theirs = azVmRepairSpeed(script);
  const share = `ours ${(seconds / theirs.seconds).toFixed(2)} × that; Azure and the guest ${theirs.serverSeconds.toFixed(1)} s of it`;
  print(`  the same by az vm repair, ${script}`, `${theirs.seconds.toFixed(1)} s`, share);
  print('  step by step', '', theirs.lines.map(({ line, seconds: took }) => `${line} ${took.toFixed(1)} s`).join(', '));
  const apart = `${downtime.ratio.toFixed(2)} × the floor of ${downtime.floorSeconds.toFixed(1)} s`;
  print('  downtime', `${downtime.seconds.toFixed(1)} s`, apart);
  printGaps(downtime);
}

function printGaps({ gaps }: Pick<Pace, 'gaps'>): void {
  const greatest = gaps.slice(0, 4).map((gap) => `${gap.step} ${gap.seconds.toFixed(1)} s`);
  print('  beyond the floor', '', greatest.join(', '));
}

function printTokens(tokens: Record<string, TokensOfVm>): void {
  for (const [vm, { updates, reads }] of Object.entries(tokens)) {
    const figure = ({ taken, fewest }: TokensOfVm['updates']) =>
      `${taken} taken, never fewer than ${fewest ?? 'all'} left`;
    print(`  tokens of ${vm}`, '', `updates ${figure(updates)} of 12; reads ${figure(reads)} of 36`);
  }
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
