import type { LiveNeed } from '../guest/live';
import { readNeeds, renderNeeds } from '../guest/live';
import type { RepairDetail } from '../ledger/ports';
import type { Purpose } from '../policy/decide';
import {
  evidenceOnRecord,
  getControllerEvidence,
  putControllerEvidence,
  type SourceDocument,
} from './collected-evidence';
import type { AboutRepair } from './input';
import { progressOf, type Waiting } from './progress';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Tools } from './toolbox';

/**
 * Whether a VM is a domain controller. Its OS disk is never exchanged, in no direction: a directory that goes back in time is not
 * replicated any more (https://learn.microsoft.com/windows-server/identity/ad-ds/get-started/virtual-dc/virtualized-domain-controller-architecture).
 */

/** `not-told`: nobody could be asked, or the answer could not be read; `reason` says why. */
export type Controller =
  { kind: 'yes' } | { kind: 'no' } | { kind: 'not-told'; isAgentUsable: boolean; reason: string };

/** Whether anything that a repair has on record says that its VM is one. */
export function saysController(documents: RepairDetail['documents']): boolean {
  return evidenceOnRecord(documents).some((item) => item.kind === 'windows-installation' && item.isDomainController);
}

const needs: LiveNeed[] = [{ kind: 'windows-installation' }];

interface Question {
  purpose: Purpose;
  /** No permit is asked for. */
  isOwed?: true;
  /** An answer that is older, in ms, does not count: it is asked once more. */
  maximumAgeMs?: number;
}

/**
 * What the running guest says now: a VM may have been promoted since its disk was read. Asked where its agent is usable, once in a
 * repair or, where the answer has an age, once more; the answer is put on record.
 */
export async function askWhetherController(
  tools: Tools,
  about: AboutRepair,
  { maximumAgeMs, ...order }: Question,
): Promise<Controller | Waiting> {
  const known = await getControllerEvidence(tools.ledger, about.repairId);
  if (known && !isOlder(known, maximumAgeMs)) return controllerIn(known);
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) {
    const failed = progressOf(look.failure, 'look whether the guest can be asked');
    return failed.kind === 'wait' ? failed : notTold(false, failed.conclusion.reason);
  }
  const { agent, powerState } = look.value;
  if (powerState !== 'running' || !agent.usable) return notTold(false, agent.reason);
  const name = known ? 'controller-later' : 'controller';
  const run = await runInGuest(tools, about, { ...order, name, commands: renderNeeds(needs) });
  if (run.kind === 'wait') return run;
  if (run.kind === 'end') return notTold(true, run.conclusion.reason);
  if (run.kind === 'unanswered')
    return notTold(run.code !== 'agent-dead' && run.code !== 'agent-gone', whyUnanswered(run));
  const document = { evidence: readNeeds(needs, run.answer, 'run-command') };
  await putControllerEvidence(tools.ledger, about.repairId, document);
  return controllerIn(document);
}

/** By our own clock as well as by the guest's: one that is ahead would make an answer young for ever. What has no time is old. */
function isOlder({ evidence, keptAt }: SourceDocument, maximumAgeMs = Infinity): boolean {
  if (maximumAgeMs === Infinity) return false;
  const isYoung = (time: string) => Date.now() - Date.parse(time) <= maximumAgeMs;
  return (keptAt !== undefined && !isYoung(keptAt)) || evidence.some(({ from }) => !isYoung(from.readAt));
}

function controllerIn({ evidence }: SourceDocument): Controller {
  const found = evidence.find((item) => item.kind === 'windows-installation');
  if (found) return { kind: found.isDomainController ? 'yes' : 'no' };
  const unread = evidence.find((item) => item.kind === 'unreadable');
  return notTold(true, unread?.reason ?? 'The guest did not say it.');
}

function notTold(isAgentUsable: boolean, reason: string): Controller {
  return { kind: 'not-told', isAgentUsable, reason };
}
