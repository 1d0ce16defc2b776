/**
 * What a repair left behind: in the guest and in Azure as the simulation itself has it, in the ledger's own rows, and
 * in the report. Without what differs between two repairs that went the same way: times, ids, names with the repair's id in them.
 */
import type { RepairReport } from '../../../../src/report/repair-report';
import type { SimulatedAzure, VmTruth } from '../../../../local/simulated-azure-client';

/** Compared as a whole; each field is a text or a list of texts, so that a difference can be read. */
export interface Facts {
  ending: string;
  cause: string;
  /** Boot, power, address, agent, RDP and every service of the guest. */
  guest: string[];
  /** The guest's own log since the alert, each event as often as it happened. */
  log: string[];
  /** Every call by which something was made, with how often it was carried out. */
  made: string[];
  /** Resources of the repair that are there. */
  left: string[];
  /** What the record says of the changes. */
  changes: string[];
  steps: string[];
  /** Rows by which the VM or a place for changes is still taken, and steps and temporary things that are not closed. */
  open: string[];
}

/** Where to look. */
export interface Scene {
  azure: SimulatedAzure;
  before: VmTruth;
  report: RepairReport;
  /** Keys of the rows in the ledger's table of leases. */
  leases: string[];
}

export async function factsOf({ azure, before, report, leases }: Scene): Promise<Facts> {
  const [vm, resources, calls] = await Promise.all([
    azure.vm(before.name),
    azure.resources(),
    azure.calls(report.repairId),
  ]);
  const computer = before.name.slice(0, 15).toUpperCase();
  const names = { [report.repairId]: '<repair>', [before.name]: '<vm>', [computer]: '<computer>' };
  // Event 12 and 13 carry the time of the boot and of the shutdown.
  const plain = (text: string) =>
    Object.entries(names).reduce(
      (plainer, [name, place]) => plainer.replaceAll(name, place),
      text.replace(/\b\d{13}\b/, '<time>'),
    );
  const ofRepair = resources.filter(({ tags }) => tags['rdp-lifeline-repair'] === report.repairId);
  const writes = calls.filter(({ method, status }) => method === 'PUT' && status < 300);
  const diagnosis = report.diagnosis as { kind?: string; signature?: string } | undefined;
  return {
    ending: `${report.ending}, ${report.code}`,
    cause: `${diagnosis?.kind}, ${diagnosis?.signature ?? 'none'}`,
    guest: guestOf(vm),
    log: vm.events
      .slice(before.events.length)
      .map(({ eventId, parameters }) => `${eventId} ${parameters.join(', ')}`)
      .map(plain)
      .sort(),
    made: counted(writes.map(({ method, path }) => plain(`${method} ${path.split('/').slice(-2).join('/')}`))),
    left: ofRepair
      .map(({ id, accessOpen }) => plain(`${id.split('/').slice(-2).join('/')}${accessOpen ? ', can be read' : ''}`))
      .sort(),
    changes: report.changes.map(({ change, before: was, after, undo, written }) =>
      plain(`${change}: ${was} → ${settled(after)}, written ${String(written)}, undo ${JSON.stringify(undo)}`),
    ),
    steps: inOrder(report.steps).map(({ step, outcome = 'open', detail = '' }) =>
      plain(`${step}: ${outcome}${outcome === 'failed' ? `, ${detail}` : ''}`),
    ),
    open: [...leases, ...report.temporary.map((thing) => plain(JSON.stringify(thing)))],
  };
}

/** Steps that need no time of Azure's before the next one is opened, in the order in which a repair opens them. */
const quickSteps = ['permit', 'trial-copy', 'recovery-vm', 'detach-trial-copy', 'trial-copy-gone', 'stop-round-1'];

/**
 * By their times. The two sources are asked side by side: which of their steps is opened first is as it happens. And local time may stand
 * still from one step to the next (local/shared-time.ts): then both have begun at the same ms.
 */
function inOrder(steps: RepairReport['steps']): RepairReport['steps'] {
  const inTurn = steps.toSorted(
    (one, other) =>
      Date.parse(one.startedAt) - Date.parse(other.startedAt) ||
      quickSteps.indexOf(one.step) - quickSteps.indexOf(other.step),
  );
  const sideBySide = ['evidence', 'snapshot-disk'];
  const sources = inTurn.filter(({ step }) => sideBySide.includes(step));
  const byName = sources.toSorted((one, other) => one.step.localeCompare(other.step));
  return inTurn.map((one) => (sideBySide.includes(one.step) ? (byName.shift() ?? one) : one));
}

/** A service that was just started is seen as starting or as running, as it happens. */
function settled(after = 'not known'): string {
  return after.replace(/state (2 \(start pending\)|4 \(running\))/, 'started');
}

function guestOf(vm: VmTruth): string[] {
  return [
    `power ${vm.powerState}, boot ${vm.bootMode}, loader ${vm.bootLoader}`,
    `addresses ${vm.addresses.length}, agent ${vm.agentAlive}, RDP ${vm.rdpListening}`,
    ...vm.services.map(({ name, startType, state }) => `${name}: start ${startType}, ${state}`),
  ];
}

function counted(texts: string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${text} × ${count}`).sort();
}

/** What is different, in words; empty if nothing is. */
export function differences(expected: Facts, found: Facts): string[] {
  return (Object.keys(expected) as (keyof Facts)[]).flatMap((name) => {
    const [was, is] = [expected[name], found[name]].map((value) => JSON.stringify(value));
    return was === is ? [] : [`${name}: ${is} instead of ${was}`];
  });
}
