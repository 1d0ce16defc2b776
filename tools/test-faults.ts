/**
 * `npm run test:faults`: strikes every call to ARM that a recovery by another VM makes, with every kind of fault, one at a time,
 * and holds the design's promises against what the simulated Azure says. Prints how many runs ended how; fails if a promise is
 * broken. FAULTS_ONLY in the environment takes only cases whose name contains it, FAULTS_FROM begins
 * at the case of that number, FAULTS_SPEED sets the clock (60). With FAULTS_LOOK (any value) nobody may fetch the disks' bytes, so that a
 * recovery VM looks first; with FAULTS_STANDING it is a standing one that works, and its
 * calls alone are struck, one repair after the other. TEST_SAMPLE and TEST_SEED take a share of the cases.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availabilityAlert } from '../local/alert-payload';
import { callDoor, followRepair } from '../local/app-client';
import { startCloud, type Cloud } from '../local/cloud';
import { faultCases, recordShapes, type FaultCase } from '../local/fault-cases';
import { cutOff, isMended } from '../local/cut-off';
import { brokenPromises, lookBefore } from '../local/promises';
import { openSimulatedAzure, type SimulatedAzure } from '../local/simulated-azure-client';
import type { RepairReport } from '../src/report/repair-report';
import { pickedByName, sampledRuns } from '../test/support/sample';
import { tellCounts } from './counts';
import { exitOnSignals } from './exit-on-signals';

/** VMs whose DHCP Client can be broken again and again: each is a lane. */
const everyPatient = ['vm-dhcp-rebooted', 'vm-dhcp-disabled', 'vm-dhcp-diagnose', 'vm-dhcp-untagged', 'vm-healthy'];
const isStanding = process.env.FAULTS_STANDING !== undefined;
const patients = isStanding ? everyPatient.slice(0, 1) : everyPatient;
/** Of the other generation than the patient. */
const standing = { name: 'vm-recovery', generation: 'V2' } as const;

interface Place {
  cloud: Cloud;
  azure: SimulatedAzure;
  standingId?: string;
}

/** No recovery VM may be made. The subscription is that of the simulated fleet. */
const standingSettings = {
  RECOVERY_WORKBENCHES: '',
  STANDING_RECOVERY_VMS: `/subscriptions/5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6/resourceGroups/rg-rdp-lifeline-workbench/providers/Microsoft.Compute/virtualMachines/${standing.name}`,
};

interface Outcome {
  name: string;
  ended: string;
  broken: string[];
  /** Whether it came to the route `recovery-vm`. */
  reached: boolean;
}

async function main(): Promise<number> {
  const outcomes: Outcome[] = [];
  const shapes = await inCloud(async (place) => {
    await breakAgain(place.azure, 'vm-dhcp-rebooted');
    const since = (await place.azure.calls()).length;
    const outcome = await run(place, 'vm-dhcp-rebooted', undefined);
    outcomes.push(outcome);
    const { id } = await place.azure.vm('vm-dhcp-rebooted');
    const whose = { vmId: id, repairId: outcome.repairId, standingId: place.standingId };
    return recordShapes((await place.azure.calls()).slice(since), whose);
  });
  const only = process.env.FAULTS_ONLY ?? '';
  const struck = isStanding ? shapes.filter(({ path }) => path.startsWith('{standing}')) : shapes;
  const cases = faultCases(struck)
    .filter(({ name }) => name.includes(only))
    .slice(Number(process.env.FAULTS_FROM ?? 0));
  const queue = pickedByName(cases, ({ name }) => name, sampledRuns(cases.length));
  console.log(`${struck.length} different calls, ${queue.length} of ${cases.length} cases`);
  // A patient with an operation that never ends is of no use any more: when none is left, Azure begins anew.
  while (queue.length > 0)
    await inCloud((place) => Promise.all(patients.map((vm) => lane(place, vm, queue, outcomes))));
  // The repair that nothing struck is one more.
  return tell(outcomes, cases.length + 1);
}

async function inCloud<T>(act: (place: Place) => Promise<T>): Promise<T> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-faults-'));
  const speed = Number(process.env.FAULTS_SPEED ?? 60);
  // The rehearsal is a part of each repair, not only of the first.
  const common = { MAXIMUM_MUTATING_REPAIRS: '20', RECOVERY_ALWAYS_REHEARSE: 'on' };
  const settings = { ...common, ...(isStanding ? standingSettings : {}) };
  const cloud = await startCloud({ stateFolder, speed, settings });
  try {
    const azure = openSimulatedAzure(cloud.azure.controlUrl);
    if (!isStanding) return await act({ cloud, azure });
    const { name, generation } = standing;
    const { id } = await azure.addVm(name, 'vm-healthy', { generation, isInWorkbench: true });
    return await act({ cloud, azure, standingId: id });
  } finally {
    await cloud.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

async function lane(place: Place, vm: string, queue: FaultCase[], outcomes: Outcome[]): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) {
    await breakAgain(place.azure, vm);
    const outcome = await run(place, vm, next);
    // On a busy machine a source may be late, and then nothing was struck.
    if (!outcome.reached) {
      queue.push(next);
      continue;
    }
    outcomes.push(outcome);
    console.log(
      `${outcome.broken.length === 0 ? 'ok ' : 'BAD'} ${outcome.name}: ${outcome.ended} ${outcome.broken.join('; ')}`,
    );
    if (next.spoils) return;
  }
}

/** With FAULTS_LOOK nobody may fetch the bytes of its disk either. */
async function breakAgain(azure: SimulatedAzure, vm: string): Promise<void> {
  if (process.env.FAULTS_LOOK) await azure.patch(`/vms/${vm}/os-disk`, { networkAccessPolicy: 'DenyAll' });
  await cutOff(azure, vm);
}

async function run(
  { cloud, azure, standingId }: Place,
  vm: string,
  struck: FaultCase | undefined,
): Promise<Outcome & { repairId: string }> {
  const before = await lookBefore(azure, vm);
  const { id } = await azure.vm(vm);
  const { status, body } = await callDoor(cloud, 'POST', '/api/alerts', availabilityAlert(id));
  if (typeof body.repairId !== 'string') {
    throw new Error(`${struck?.name ?? 'nothing struck'}: the alert was answered ${status}: ${JSON.stringify(body)}`);
  }
  const { repairId } = body;
  const fault = struck?.faultFor({ vmId: id, repairId, standingId });
  if (fault) await azure.post('/faults', fault);
  const report = await followRepair(cloud, repairId, undefined, 200);
  // One that was not reached must not strike the next repair of the same VM.
  if (fault) await azure.delete(`/faults?pathContains=${encodeURIComponent(fault.match.pathContains)}`);
  const broken = [
    ...(await brokenPromises(azure, before, report, { isMended, hangs: struck?.spoils })),
    ...(standingId === undefined ? [] : await heldProblems(azure, report)),
  ];
  const ended = `${report.ending}/${report.code}${broken.length > 0 ? ` (${report.reason})` : ''}`;
  const reached = report.steps.some(({ step }) => step === 'recovery-vm');
  return { name: struck?.name ?? 'nothing struck', ended, broken, reached, repairId };
}

/** What the standing recovery VM still has of the repair, unless the report tells it. */
async function heldProblems(azure: SimulatedAzure, { temporary }: RepairReport): Promise<string[]> {
  const { dataDisks, powerState } = await azure.vm(standing.name);
  const isTold = temporary.some(({ kind }) => kind === 'recovery-vm-loan');
  const held = isTold ? [] : dataDisks.map(({ diskId }) => `${standing.name} still has ${diskId}`);
  return powerState === 'running' ? held : [...held, `${standing.name} is ${powerState}`];
}

function tell(outcomes: Outcome[], of: number): number {
  const counts = new Map<string, number>();
  for (const { ended } of outcomes) counts.set(ended, (counts.get(ended) ?? 0) + 1);
  for (const [ended, count] of [...counts].sort(([, one], [, other]) => other - one))
    console.log(`${count.toString().padStart(4)}  ${ended}`);
  const bad = outcomes.filter(({ broken }) => broken.length > 0);
  const names = outcomes.map(({ name }) => name).sort();
  tellCounts({ passed: outcomes.length - bad.length, failed: bad.length, names, of });
  console.log(`${outcomes.length} runs, ${bad.length} with a broken promise`);
  for (const { name, broken } of bad) console.log(`  ${name}: ${broken.join('; ')}`);
  return bad.length === 0 ? 0 : 1;
}

exitOnSignals();
void main().then((code) => {
  process.exitCode = code;
});
