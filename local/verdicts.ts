/**
 * How each VM of the simulated fleet ought to end, judged by the simulated Azure itself: its guests, its resources and
 * its call log, never by what the app says of itself.
 */
import type { ArmCall, ResourceTruth, SimulatedAzure, VmTruth } from './simulated-azure-client';

/** What must be true of a VM after its alert. */
interface Expectation {
  ending: string;
  /** Start type and state of the DHCP Client service; undefined where there is no Windows. */
  dhcp?: { startType: number; state: string };
  /** Whether a snapshot of it must be there. */
  snapshot: boolean;
}

/** The DHCP Client's name in the service control manager. */
const dhcpService = 'dhcp';

/** Every VM of the default fleet, with how it must end. */
export const expectations: Record<string, Expectation> = {
  'vm-healthy': { ending: 'healthy', dhcp: { startType: 2, state: 'RUNNING' }, snapshot: true },
  'vm-dhcp-disabled': { ending: 'repaired', dhcp: { startType: 2, state: 'RUNNING' }, snapshot: true },
  'vm-dhcp-diagnose': { ending: 'diagnosed', dhcp: { startType: 4, state: 'STOPPED' }, snapshot: true },
  'vm-dhcp-untagged': { ending: 'refused', dhcp: { startType: 4, state: 'STOPPED' }, snapshot: false },
  'vm-linux': { ending: 'refused', snapshot: false },
};

/** What was found at one VM; `problems` is empty if all is as it should be. */
export interface Verdict {
  vm: string;
  ending: string;
  dhcp: string;
  address: string;
  snapshot: string;
  problems: string[];
}

/**
 * Judges every VM of the fleet. `endings` is what the app said of each, to be held against what ought to be; `before`
 * are the resources that were there at the start: whatever is new must be a snapshot that ought to be there.
 */
export async function judgeFleet(
  azure: SimulatedAzure,
  endings: Record<string, string>,
  before: ResourceTruth[],
): Promise<Verdict[]> {
  const [vms, present, calls] = await Promise.all([azure.vms(), azure.resources(), azure.calls()]);
  const known = new Set(before.map(({ id }) => id.toLowerCase()));
  const resources = present.filter(({ id }) => !known.has(id.toLowerCase()));
  const verdicts = vms.map((vm) =>
    judgeVm(vm, endings[vm.name] ?? 'nothing', {
      resources: resources.filter((resource) => belongsTo(resource, vm)),
      calls,
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

function nowhere(vm: string, problem: string): Verdict {
  return { vm, ending: '–', dhcp: '–', address: '–', snapshot: '–', problems: [problem] };
}

function judgeVm(
  vm: VmTruth,
  ending: string,
  { resources, calls }: { resources: ResourceTruth[]; calls: ArmCall[] },
): Verdict {
  const expected = expectations[vm.name];
  const dhcp = vm.services.find(({ name }) => name.toLowerCase() === dhcpService);
  const snapshots = resources.filter(({ type }) => type.endsWith('/snapshots'));
  const problems = expected
    ? [...problemsOf(vm, expected, ending, { dhcp, snapshots, resources, calls })]
    : ['not in the list'];
  const expiry = snapshots[0]?.tags['rdp-lifeline-expires']?.slice(0, 10) ?? '?';
  return {
    vm: vm.name,
    ending,
    dhcp: dhcp ? `start ${dhcp.startType}, ${dhcp.state.toLowerCase()}` : '–',
    address: vm.addresses.join(' ') || 'none',
    snapshot: snapshots.length === 0 ? 'none' : `expires ${expiry}`,
    problems,
  };
}

interface Found {
  dhcp?: { startType: number; state: string };
  snapshots: ResourceTruth[];
  resources: ResourceTruth[];
  calls: ArmCall[];
}

function* problemsOf(vm: VmTruth, expected: Expectation, ending: string, found: Found): Generator<string> {
  if (ending !== expected.ending) yield `ended as ${ending} instead of ${expected.ending}`;
  if (vm.powerState !== 'running') yield `is ${vm.powerState} instead of running`;
  if (vm.addresses.length === 0) yield 'has no address';
  const { dhcp } = expected;
  if (dhcp && (found.dhcp?.startType !== dhcp.startType || found.dhcp.state !== dhcp.state)) {
    yield `its DHCP Client is not at start type ${dhcp.startType} and ${dhcp.state}`;
  }
  if (found.snapshots.length !== (expected.snapshot ? 1 : 0)) yield `has ${found.snapshots.length} snapshots`;
  for (const { tags } of found.snapshots) {
    if (!tags['rdp-lifeline-repair'] || !tags['rdp-lifeline-expires']) yield 'its snapshot lacks the tags';
  }
  const left = found.resources.filter((resource) => !found.snapshots.includes(resource));
  for (const { id } of left) yield `${id} was left behind`;
  const writes = found.calls.filter(
    ({ method, path }) => method !== 'GET' && path.toLowerCase().startsWith(vm.id.toLowerCase()),
  );
  if (!expected.snapshot && writes.length > 0) yield `${writes.length} calls were made that are no reads`;
}
