/**
 * `npm run demo`: starts everything on this machine, lets an alert arrive for every VM of the simulated fleet, follows
 * the repairs and judges the result by the simulated Azure itself; then the same for recoveries that go wrong, and for VMs that
 * must be left alone. Exits with 0 only if each VM ended as it should.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../src/activities/plan';
import type { RepairReport } from '../src/report/repair-report';
import { callDoor, followRepair, type AppAddress } from './app-client';
import { availabilityAlert } from './alert-payload';
import { startCloud, type Cloud } from './cloud';
import { damagedCopy, refusal, shutOutCopy, type CaseVerdict, type Repair } from './hard-cases';
import { bold, dim, findingLines, green, outcomeLines, progressPrinter, red, visible } from './progress';
import { refusalCases, refusalCasesAlone, refusalCasesByTrial } from './refusal-cases';
import { openSimulatedAzure, type SimulatedAzure } from './simulated-azure-client';
import { judgeFleet, saidOf, type Said, type Verdict } from './verdicts';

/** Azure's minutes pass this much faster: slow enough to follow for the fleet, and fast where 20 minutes are waited for a copy that does not boot. */
const speed = { fleet: 20, hardCases: 60 };

async function main(): Promise<number> {
  const fleet = await inCloud(speed.fleet, wholeFleet);
  printFleet(fleet);
  const hard = await inCloud(speed.hardCases, hardCases);
  printCases(hard);
  return [...fleet, ...hard].every(({ problems }) => problems.length === 0) ? 0 : 1;
}

async function inCloud<T>(times: number, act: (cloud: Cloud, azure: SimulatedAzure) => Promise<T>): Promise<T> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-'));
  console.log(dim(`Starting the simulated Azure, its storage and the app; time runs ${times} times as fast …`));
  const cloud = await startCloud({ stateFolder, speed: times, settings: { MAXIMUM_MUTATING_REPAIRS: '5' } });
  try {
    return await act(cloud, openSimulatedAzure(cloud.azure.controlUrl));
  } finally {
    await cloud.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

async function wholeFleet(cloud: Cloud, azure: SimulatedAzure): Promise<Verdict[]> {
  const [vms, before] = await Promise.all([azure.vms(), azure.resources()]);
  const width = Math.max(...vms.map(({ name }) => name.length));
  console.log(`\nAn alert arrives for each of ${vms.length} VMs:\n`);
  const said = await Promise.all(vms.map(({ id, name }) => alertAndFollow(cloud, id, name.padEnd(width))));
  const saidOfVm: Record<string, Said> = Object.fromEntries(
    vms.map(({ name }, index) => [name, said[index] ?? ({ ending: 'nothing' } satisfies Said)]),
  );
  return judgeFleet(azure, saidOfVm, { resources: before, vms });
}

async function alertAndFollow(app: AppAddress, vmId: string, name: string): Promise<Said> {
  const repairId = await alert(app, vmId);
  const report = await followRepair(app, repairId, progressPrinter(name));
  const lines = report.ending === 'repaired' ? outcomeLines(report) : findingLines(report);
  if (lines.length > 0) console.log(lines.map((line) => `${name}   ${line}`).join('\n'));
  return saidOf(report);
}

async function alert(app: AppAddress, vmId: string): Promise<string> {
  const { status, body } = await callDoor(app, 'POST', '/api/alerts', availabilityAlert(vmId));
  if (status !== 202 || typeof body.repairId !== 'string') {
    throw new Error(`The alert for ${vmId} was answered ${status}: ${JSON.stringify(body)}`);
  }
  return body.repairId;
}

/** Recoveries that go wrong, and VMs that must be left alone: side by side where they do not share what is changed. */
async function hardCases(cloud: Cloud, azure: SimulatedAzure): Promise<CaseVerdict[]> {
  console.log('\nTwo recoveries by another VM that meet trouble, and VMs that such a recovery must leave alone:\n');
  const width = 20;
  async function repair(name: string, onReport?: (report: RepairReport) => void, begun?: (repairId: string) => void) {
    const repairId = await alert(cloud, (await azure.vm(name)).id);
    begun?.(repairId);
    return followRepair(cloud, repairId, onReport);
  }
  const shown: Repair = (name, begun) => repair(name, progressPrinter(name.padEnd(width)), begun);
  const summed: Repair = async (name) => {
    const report = await repair(name);
    const mark = report.ending === 'refused' ? red('■') : dim('–');
    console.log(`${name.padEnd(width)} ${mark} ${visible(closedReason(report) ?? report.reason ?? '')}`);
    return report;
  };
  const together = await Promise.all([
    damagedCopy(azure, shown),
    shutOutCopy(azure, shown),
    ...refusalCases.map((one) => refusal(azure, summed, one)),
  ]);
  const alone: CaseVerdict[] = [];
  for (const one of [...refusalCasesAlone, ...refusalCasesByTrial]) alone.push(await refusal(azure, summed, one));
  return [...together, ...alone];
}

/** Why the last of the routes was not open. */
function closedReason({ plan }: RepairReport): string | undefined {
  const { closed = [] } = (plan ?? {}) as Partial<Plan>;
  return closed.find(({ route }) => route === 'recovery-vm')?.reason;
}

function printFleet(verdicts: Verdict[]): void {
  const header = ['', 'VM', 'ended as', 'cause named, source', 'runs', 'services', 'address', 'snapshot', ''];
  const rows = verdicts.map(({ vm, ending, cause, boot, services, address, snapshot, problems }) => [
    ...[mark(problems), vm, ending, cause, boot, services, address, snapshot],
    problems.join('; '),
  ]);
  console.log('\nWhat the simulated Azure itself says, guest by guest:\n');
  printTable(header, rows);
  printCount(verdicts);
}

function printCases(verdicts: CaseVerdict[]): void {
  const rows = verdicts.map(({ vm, what, ended, problems }) => [mark(problems), vm, what, ended, problems.join('; ')]);
  console.log('\nWhat the simulated Azure itself says of these:\n');
  printTable(['', 'VM', 'what about it', 'ended as', ''], rows);
  printCount(verdicts);
}

function mark(problems: string[]): string {
  return problems.length === 0 ? '✔' : '✘';
}

function printTable(header: string[], given: string[][]): void {
  const rows = given.map((row) => row.map(visible));
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(bold(line(header)));
  for (const row of rows) console.log(row[0] === '✔' ? green(line(row)) : red(line(row)));
}

function printCount(verdicts: { problems: string[] }[]): void {
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
