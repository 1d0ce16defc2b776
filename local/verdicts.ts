/**
 * How each VM of the simulated fleet ought to end, judged by the simulated Azure itself: its guests, its resources and
 * its call log. Of what the app says of itself only the ending and the cause that it names are taken, to be held against
 * what ought to be.
 */
import type { RepairReport } from '../src/report/repair-report';
import type { DiagnosisDocument } from './progress';
import type { ArmCall, ResourceTruth, SimulatedAzure, VmTruth } from './simulated-azure-client';

/** What must be true of a VM after its alert. */
interface Expectation {
  ending: string;
  code?: string;
  /** The cause that must be named, and the source of its first reason. */
  cause?: { signature: string; source: string };
  /** How Windows runs; undefined where there is no Windows. */
  boot?: string;
  /** Whether the cure is to restart it; nothing else may. */
  restarted?: true;
  /** Start type and state of the DHCP Client service; undefined where there is no Windows. */
  dhcp?: { startType: number; state: string };
  /** Whether the guest has an address, and whether its agent is alive. */
  reachable: boolean;
  /** Whether a snapshot of it must be there. */
  snapshot: boolean;
}

/** The DHCP Client's name in the service control manager. */
const dhcpService = 'dhcp';

const running = { startType: 2, state: 'RUNNING' };
const disabled = { startType: 4, state: 'STOPPED' };
const dhcpBy = (source: string) => ({ signature: 'dhcp-client-disabled', source });

/** Every VM of the default fleet, with how it must end. */
export const expectations: Record<string, Expectation> = {
  'vm-healthy': { ending: 'healthy', boot: 'normal', dhcp: running, reachable: true, snapshot: true },
  'vm-dhcp-disabled': {
    ending: 'repaired',
    cause: dhcpBy('run-command'),
    boot: 'normal',
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
  'vm-dhcp-diagnose': {
    ending: 'diagnosed',
    cause: dhcpBy('run-command'),
    boot: 'normal',
    dhcp: disabled,
    reachable: true,
    snapshot: true,
  },
  'vm-dhcp-untagged': { ending: 'refused', boot: 'normal', dhcp: disabled, reachable: true, snapshot: false },
  'vm-linux': { ending: 'refused', reachable: true, snapshot: false },
  // Their agents are dead: what is known of them is read off the snapshot.
  'vm-safe-mode': {
    ending: 'not-repaired',
    code: 'no-route',
    cause: { signature: 'safe-mode', source: 'snapshot-disk' },
    boot: 'Minimal',
    dhcp: { startType: 2, state: 'STOPPED' },
    reachable: false,
    snapshot: true,
  },
  // Flagged for its next boot, and runs normally: cured without a restart.
  'vm-safe-mode-waiting': {
    ending: 'repaired',
    cause: { signature: 'safe-mode', source: 'run-command' },
    boot: 'normal',
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
  // Hypothetical: its agent answers in safe mode.
  'vm-safe-mode-agent': {
    ending: 'repaired',
    cause: { signature: 'safe-mode', source: 'run-command' },
    boot: 'normal',
    restarted: true,
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
  'vm-dhcp-rebooted': {
    ending: 'not-repaired',
    code: 'no-route',
    cause: dhcpBy('snapshot-disk'),
    boot: 'normal',
    dhcp: disabled,
    reachable: false,
    snapshot: true,
  },
  // Its DHCP Client cannot log on.
  'vm-dhcp-account': {
    ending: 'repaired',
    cause: { signature: 'dhcp-client-not-running', source: 'run-command' },
    boot: 'normal',
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
  'vm-export-denied': {
    ending: 'not-recognised',
    code: 'guest-not-reachable',
    boot: 'normal',
    dhcp: disabled,
    reachable: false,
    snapshot: true,
  },
  // A network security group keeps everybody out, which is not ours to change.
  'vm-nsg-blocked': {
    ending: 'fixed-rdp-unproven',
    code: 'blocked-by-nsg',
    cause: dhcpBy('run-command'),
    boot: 'normal',
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
  // Its disk can't be read, but its agent answers.
  'vm-bitlocker': {
    ending: 'repaired',
    cause: dhcpBy('run-command'),
    boot: 'normal',
    dhcp: running,
    reachable: true,
    snapshot: true,
  },
};

/** What the app said of a repair. */
export interface Said {
  ending: string;
  code?: string;
  cause?: { signature: string; source: string };
}

/** Takes from a report what is judged. */
export function saidOf(report: RepairReport): Said {
  const diagnosis = report.diagnosis as DiagnosisDocument | undefined;
  const said = { ending: report.ending ?? 'running', code: report.code };
  if (diagnosis?.kind !== 'found') return said;
  return { ...said, cause: { signature: diagnosis.signature, source: diagnosis.reasons[0]?.from.source ?? 'none' } };
}

/** What was found at one VM; `problems` is empty if all is as it should be. */
export interface Verdict {
  vm: string;
  ending: string;
  cause: string;
  boot: string;
  dhcp: string;
  address: string;
  snapshot: string;
  problems: string[];
}

/** How the simulated subscription was before the alerts. */
export interface Before {
  resources: ResourceTruth[];
  vms: VmTruth[];
}

/**
 * Judges every VM of the fleet. `said` is what the app said of each, to be held against what ought to be; whatever is
 * new since `before` must be a snapshot that ought to be there, and no VM may have been booted since but those whose cure is a
 * restart.
 */
export async function judgeFleet(
  azure: SimulatedAzure,
  said: Record<string, Said>,
  before: Before,
): Promise<Verdict[]> {
  const [vms, present, calls] = await Promise.all([azure.vms(), azure.resources(), azure.calls()]);
  const known = new Set(before.resources.map(({ id }) => id.toLowerCase()));
  const resources = present.filter(({ id }) => !known.has(id.toLowerCase()));
  const verdicts = vms.map((vm) =>
    judgeVm(vm, said[vm.name] ?? { ending: 'nothing' }, {
      resources: resources.filter((resource) => belongsTo(resource, vm)),
      calls,
      bootedAt: before.vms.find(({ name }) => name === vm.name)?.bootedAt ?? null,
    }),
  );
  const strays = resources.filter((resource) => !vms.some((vm) => belongsTo(resource, vm)));
  const missing = Object.keys(expectations).filter((name) => !vms.some((vm) => vm.name === name));
  return [
    ...verdicts,
    ...missing.map((vm) => nowhere(vm, 'the VM is gone')),
    ...strays.map(({ id }) => nowhere('elsewhere', `${id} was left behind`)),
  ];
}

/** Whether a new resource was made for this VM: it is part of it, or its tag says so. */
function belongsTo({ id, tags }: ResourceTruth, vm: VmTruth): boolean {
  const vmId = vm.id.toLowerCase();
  return id.toLowerCase().startsWith(`${vmId}/`) || tags['rdp-lifeline-vm']?.toLowerCase() === vmId;
}

const nothing = '–';

function nowhere(vm: string, problem: string): Verdict {
  const rest = { ending: nothing, cause: nothing, boot: nothing, dhcp: nothing, address: nothing, snapshot: nothing };
  return { vm, ...rest, problems: [problem] };
}

interface Given {
  resources: ResourceTruth[];
  calls: ArmCall[];
  /** When it had booted before the alerts. */
  bootedAt: string | null;
}

function judgeVm(vm: VmTruth, said: Said, given: Given): Verdict {
  const expected = expectations[vm.name];
  const dhcp = vm.services.find(({ name }) => name.toLowerCase() === dhcpService);
  const snapshots = given.resources.filter(({ type }) => type.endsWith('/snapshots'));
  const problems = expected ? [...problemsOf(vm, expected, said, { ...given, dhcp, snapshots })] : ['not in the list'];
  const expiry = snapshots[0]?.tags['rdp-lifeline-expires']?.slice(0, 10) ?? '?';
  return {
    vm: vm.name,
    ending: said.ending,
    cause: said.cause ? `${said.cause.signature}, ${said.cause.source}` : nothing,
    boot: vm.bootMode ?? nothing,
    dhcp: dhcp ? `start ${dhcp.startType}, ${dhcp.state.toLowerCase()}` : nothing,
    address: vm.addresses.join(' ') || 'none',
    snapshot: snapshots.length === 0 ? 'none' : `expires ${expiry}`,
    problems,
  };
}

interface Found extends Given {
  dhcp?: { startType: number; state: string };
  snapshots: ResourceTruth[];
}

function* problemsOf(vm: VmTruth, expected: Expectation, said: Said, found: Found): Generator<string> {
  if (said.ending !== expected.ending) yield `ended as ${said.ending} instead of ${expected.ending}`;
  if (expected.code !== undefined && said.code !== expected.code)
    yield `its code is ${said.code}, not ${expected.code}`;
  yield* causeProblems(expected, said);
  if (vm.powerState !== 'running') yield `is ${vm.powerState} instead of running`;
  yield* restartProblems(vm, expected, found);
  if ((vm.bootMode ?? undefined) !== expected.boot) yield `runs in the boot mode ${vm.bootMode}, not ${expected.boot}`;
  if (vm.addresses.length > 0 !== expected.reachable) yield expected.reachable ? 'has no address' : 'has an address';
  const { dhcp } = expected;
  if (dhcp && (found.dhcp?.startType !== dhcp.startType || found.dhcp.state !== dhcp.state)) {
    yield `its DHCP Client is not at start type ${dhcp.startType} and ${dhcp.state}`;
  }
  yield* leftProblems(vm, expected, found);
}

function* restartProblems(vm: VmTruth, { restarted }: Expectation, { bootedAt }: Found): Generator<string> {
  if (restarted && vm.bootedAt === bootedAt) yield 'was not restarted';
  if (!restarted && vm.bootedAt !== bootedAt) yield 'was booted, which nothing called for';
}

function* causeProblems({ cause }: Expectation, said: Said): Generator<string> {
  if (said.cause?.signature !== cause?.signature) {
    yield `the cause named is ${said.cause?.signature ?? 'none'} instead of ${cause?.signature ?? 'none'}`;
  } else if (said.cause?.source !== cause?.source) {
    yield `the cause was read from ${said.cause?.source} instead of ${cause?.source}`;
  }
}

function* leftProblems(vm: VmTruth, expected: Expectation, found: Found): Generator<string> {
  if (found.snapshots.length !== (expected.snapshot ? 1 : 0)) yield `has ${found.snapshots.length} snapshots`;
  for (const { tags, accessOpen } of found.snapshots) {
    if (!tags['rdp-lifeline-repair'] || !tags['rdp-lifeline-expires']) yield 'its snapshot lacks the tags';
    if (accessOpen) yield 'somebody may still read its snapshot';
  }
  const left = found.resources.filter((resource) => !found.snapshots.includes(resource));
  for (const { id } of left) yield `${id} was left behind`;
  const writes = found.calls.filter(
    ({ method, path }) => method !== 'GET' && path.toLowerCase().startsWith(vm.id.toLowerCase()),
  );
  if (!expected.snapshot && writes.length > 0) yield `${writes.length} calls were made that are no reads`;
}
