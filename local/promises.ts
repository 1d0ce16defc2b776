/**
 * What must hold of a VM and its resource group however a recovery by another VM ended, judged by the simulated Azure itself.
 * Of what the app says only the report is taken, to see that it names everything that was left.
 */
import type { RepairReport } from '../src/report/repair-report';
import type { ResourceTruth, SimulatedAzure, VmTruth } from './simulated-azure-client';

/** How the patient and its surroundings were before the alert. */
export interface PatientBefore {
  name: string;
  osDiskId: string;
  /** Lower-cased ids of everything that was there. */
  resources: ReadonlySet<string>;
}

/** Reads what the promises are held against. */
export async function lookBefore(azure: SimulatedAzure, name: string): Promise<PatientBefore> {
  const [{ osDiskId }, resources] = await Promise.all([azure.vm(name), azure.resources()]);
  return { name, osDiskId, resources: new Set(resources.map(({ id }) => id.toLowerCase())) };
}

const endings = [
  'repaired',
  'fixed-rdp-unproven',
  'not-repaired',
  'cancelled',
  'diagnosed',
  'refused',
  'not-recognised',
];

/** What the judge has to be told. */
export interface Circumstances {
  /** Says by the guest whether the failure is gone. */
  isMended: (vm: VmTruth) => boolean;
  /** Azure has begun an operation on the patient that it never ends: nothing more can be asked of the VM, and only to tell it is left. */
  hangs?: boolean;
}

/** What is broken of the design's promises, in words; empty if nothing is. */
export async function brokenPromises(
  azure: SimulatedAzure,
  before: PatientBefore,
  report: RepairReport,
  { isMended, hangs = false }: Circumstances,
): Promise<string[]> {
  const [vm, present] = await Promise.all([azure.vm(before.name), azure.resources()]);
  const ours = present.filter(
    ({ id, tags }) => !before.resources.has(id.toLowerCase()) && tags['rdp-lifeline-repair'] === report.repairId,
  );
  const contents = await azure.contents([before.osDiskId, ...ours.map(({ id }) => id)]);
  return [
    ...endingProblems(vm, report, { isMended, hangs }),
    ...diskProblems(vm, { before, ours, contents, report, isMended }),
    ...leftProblems(vm, ours, report),
    ...strayProblems(present, before, report),
  ];
}

function* endingProblems(
  vm: VmTruth,
  report: RepairReport,
  { isMended, hangs }: Required<Circumstances>,
): Generator<string> {
  if (!endings.includes(report.ending ?? '')) yield `it ended as ${report.ending}`;
  const isTold = report.temporary.some(({ kind }) => kind === 'power-off');
  if (vm.powerState !== 'running' && !(hangs && isTold)) yield `the VM is ${vm.powerState}, and was found running`;
  const isFixed = report.ending === 'repaired' || report.ending === 'fixed-rdp-unproven';
  if (isFixed && !isMended(vm)) yield `it ended as ${report.ending}, but the guest is not mended`;
}

interface Disks {
  before: PatientBefore;
  ours: ResourceTruth[];
  contents: Record<string, string>;
  report: RepairReport;
  isMended: (vm: VmTruth) => boolean;
}

function* diskProblems(vm: VmTruth, { before, ours, contents, report, isMended }: Disks): Generator<string> {
  const original = contents[before.osDiskId.toLowerCase()];
  if (original === undefined) yield 'the original disk is gone';
  if (isSame(vm.osDiskId, before.osDiskId)) {
    if (vm.powerState === 'running' && isMended(vm)) yield 'the VM has its original disk, and somebody mended it';
    return;
  }
  const copy = ours.find(({ id }) => isSame(id, vm.osDiskId));
  if (!copy) {
    yield `the VM’s disk ${vm.osDiskId} is neither the original nor a copy of ours`;
    return;
  }
  if (vm.powerState === 'running' && !isMended(vm)) yield 'the VM has a copy that was not mended';
  if (copy.tags['rdp-lifeline-expires'] !== undefined) yield 'the VM’s disk has our expiry';
  const round = /-copy-(\d)$/.exec(copy.id)?.[1] ?? '?';
  const stopped = ours.find(({ id }) => id.endsWith(`-stopped-${round}`));
  // The original was not touched since it was copied: it holds what the snapshot of the stopped disk holds.
  if (!stopped) yield 'the snapshot of the stopped disk is gone';
  else if (contents[stopped.id.toLowerCase()] !== original)
    yield 'the original disk is not as it was when the VM stopped';
  if (report.wayBack.length === 0) yield 'the report does not say how to get back';
}

function* leftProblems(vm: VmTruth, ours: ResourceTruth[], report: RepairReport): Generator<string> {
  const kept = report.kept.map(({ resourceId }) => resourceId.toLowerCase());
  const told = idsOf(report.temporary);
  for (const { id, type, tags, accessOpen } of ours) {
    const isTold = told.includes(id.toLowerCase()) && (report.reason ?? '').length > 0;
    const isTheDisk = isSame(id, vm.osDiskId);
    if (!isTheDisk && tags['rdp-lifeline-expires'] === undefined) yield `${id} has no expiry`;
    if (!kept.includes(id.toLowerCase()) && !isTold) yield `${id} is left, and the report does not name it`;
    const mayStay = type.endsWith('/snapshots') || type.endsWith('/disks');
    if (!mayStay && !isTold) yield `${id} is left behind`;
    if (accessOpen) yield `somebody may still read ${id}`;
  }
}

/** Named after the repair, but without its tags: the system disk of a recovery VM, for one. */
function* strayProblems(present: ResourceTruth[], before: PatientBefore, { repairId, temporary }: RepairReport) {
  for (const { id, tags } of present) {
    if (before.resources.has(id.toLowerCase()) || !id.includes(repairId)) continue;
    const left = idsOf(temporary);
    const owner = left.some((one) => id.toLowerCase().startsWith(one));
    const isOfRecoveryVm = id.endsWith('-os') && left.some((one) => isSame(`${last(one)}-os`, last(id)));
    if (tags['rdp-lifeline-repair'] !== repairId && !owner && !isOfRecoveryVm) yield `${id} is left without our tags`;
  }
}

/** Lower-cased; a state has none. */
function idsOf(things: RepairReport['temporary']): string[] {
  return things.flatMap(({ resourceId }) => resourceId?.toLowerCase() ?? []);
}

function last(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
