/**
 * How each VM of the simulated fleet ought to end, judged by the simulated Azure itself: its guests, its resources and
 * its call log. Of what the app says of itself only the ending and the cause that it names are taken, to be held against
 * what ought to be.
 */
import type { Ending } from '../src/ledger/ports';
import type { OutcomeCode } from '../src/outcome-codes';
import type { RepairReport } from '../src/report/repair-report';
import { getFleet } from './azure/fleet';
import { wellServices, type Expectation } from './expectation';
import type { DiagnosisDocument } from './progress';
import type { ArmCall, ResourceTruth, SimulatedAzure, VmTruth } from './simulated-azure-client';

/** Every VM of the default fleet, with how it must end. */
export const expectations: Readonly<Record<string, Expectation>> = Object.fromEntries(
  getFleet('default').machines.map(({ name, expected }) => [name, expected]),
);

/** What the app said of a repair. */
export interface Said {
  ending: Ending | 'running' | 'nothing';
  code?: OutcomeCode;
  cause?: { signature: string; source: string };
}

/** Takes from a report what is judged. */
export function saidOf(report: RepairReport): Said {
  const diagnosis = report.diagnosis as DiagnosisDocument | undefined;
  const said: Said = { ending: report.ending ?? 'running', code: report.code };
  if (diagnosis?.kind !== 'found') return said;
  return { ...said, cause: { signature: diagnosis.signature, source: diagnosis.reasons[0]?.from.source ?? 'none' } };
}

/** What was found at one VM; `problems` is empty if all is as it should be. */
export interface Verdict {
  vm: string;
  ending: string;
  cause: string;
  boot: string;
  services: string;
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
  const [vms, present, calls, contents] = await Promise.all([
    azure.vms(),
    azure.resources(),
    azure.calls(),
    azure.contents(),
  ]);
  const known = new Set(before.resources.map(({ id }) => id.toLowerCase()));
  const resources = present.filter(({ id }) => !known.has(id.toLowerCase()));
  const verdicts = vms.map((vm) =>
    judgeVm(vm, said[vm.name] ?? { ending: 'nothing' }, {
      resources: resources.filter((resource) => belongsTo(resource, vm)),
      calls,
      contents,
      bootedAt: before.vms.find(({ name }) => name === vm.name)?.bootedAt ?? null,
      osDiskId: before.vms.find(({ name }) => name === vm.name)?.osDiskId ?? '',
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
  const rest = {
    ending: nothing,
    cause: nothing,
    boot: nothing,
    services: nothing,
    address: nothing,
    snapshot: nothing,
  };
  return { vm, ...rest, problems: [problem] };
}

interface Given {
  resources: ResourceTruth[];
  calls: ArmCall[];
  /** What is on each disk and snapshot now, as a hash. */
  contents: Record<string, string>;
  /** When it had booted before the alerts, and the disk that it ran from. */
  bootedAt: string | null;
  osDiskId: string;
}

function judgeVm(vm: VmTruth, said: Said, given: Given): Verdict {
  const expected = expectations[vm.name];
  const snapshots = given.resources.filter(({ type }) => type.endsWith('/snapshots'));
  const problems = expected ? [...problemsOf(vm, expected, said, { ...given, snapshots })] : ['not in the list'];
  const expiry = snapshots[0]?.tags['rdp-lifeline-expires']?.slice(0, 10) ?? '?';
  return {
    vm: vm.name,
    ending: said.ending,
    cause: said.cause ? `${said.cause.signature}, ${said.cause.source}` : nothing,
    boot: vm.bootMode ?? nothing,
    services: Object.keys(expected?.services ?? { Dhcp: true })
      .flatMap((name) => serviceOf(vm, name) ?? [])
      .map(({ name, startType, state }) => `${name} ${startType}, ${state.toLowerCase()}`)
      .join('; '),
    address: vm.addresses.join(' ') || 'none',
    snapshot: snapshots.length === 0 ? 'none' : `expires ${expiry}`,
    problems,
  };
}

interface Found extends Given {
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
  if (vm.osType === 'Windows') yield* serviceProblems(vm, expected);
  yield* leftProblems(vm, expected, found);
}

function* serviceProblems(vm: VmTruth, expected: Expectation): Generator<string> {
  for (const [name, { startType, state }] of Object.entries({ ...wellServices, ...expected.services })) {
    const service = serviceOf(vm, name);
    if (service?.startType === startType && service.state === state) continue;
    yield `its service ${name} is not at start type ${startType} and ${state}`;
  }
}

function serviceOf(vm: VmTruth, wanted: string): VmTruth['services'][number] | undefined {
  return vm.services.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
}

/** Whose disk it runs from; that the original was never written, and that the copy is there to stay. */
function* diskProblems(vm: VmTruth, { onCopy }: Expectation, found: Found): Generator<string> {
  const isOriginal = isSame(vm.osDiskId, found.osDiskId);
  if (!onCopy && !isOriginal) yield 'runs from another disk, which nothing called for';
  if (!onCopy) return;
  if (isOriginal) yield 'runs from its original disk';
  const copy = found.resources.find(({ id }) => isSame(id, vm.osDiskId));
  if (!copy?.tags['rdp-lifeline-repair']) yield 'runs from a disk that is not ours';
  if (copy?.tags['rdp-lifeline-expires']) yield 'runs from a disk that expires';
  const asStopped = found.snapshots.find(({ id }) => id.includes('-stopped-'));
  const contentOf = (id: string | undefined) => found.contents[id?.toLowerCase() ?? ''];
  if (contentOf(found.osDiskId) === undefined) yield 'its original disk is gone';
  else if (contentOf(found.osDiskId) !== contentOf(asStopped?.id)) yield 'its original disk was written to';
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
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
  // One that waited long for its place was read again, each time from a snapshot of its own.
  const readAgain = found.snapshots.filter(({ id }) => /-reading-[2-4]$/.test(id)).length;
  const due = expected.snapshot ? 1 + readAgain + (expected.onCopy ? 1 : 0) : 0;
  if (found.snapshots.length !== due) yield `has ${found.snapshots.length} snapshots`;
  for (const { tags, accessOpen } of found.snapshots) {
    if (!tags['rdp-lifeline-repair'] || !tags['rdp-lifeline-expires']) yield 'its snapshot lacks the tags';
    if (accessOpen) yield 'somebody may still read its snapshot';
  }
  yield* diskProblems(vm, expected, found);
  const left = found.resources.filter(
    (resource) => !found.snapshots.includes(resource) && !isSame(resource.id, vm.osDiskId),
  );
  for (const { id } of left) yield `${id} was left behind`;
  const writes = found.calls.filter(
    ({ method, path }) => method !== 'GET' && path.toLowerCase().startsWith(vm.id.toLowerCase()),
  );
  if (!expected.snapshot && writes.length > 0) yield `${writes.length} calls were made that are no reads`;
}
