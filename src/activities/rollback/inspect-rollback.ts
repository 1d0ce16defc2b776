import type { VirtualMachine } from '../../azure/ports';
import type { RepairDetail } from '../../ledger/ports';
import { exchangeObstacle } from '../../policy/recovery-route';
import {
  acknowledgementOf,
  isLossAcknowledged,
  obstacleOnRecord,
  rollbackActions,
  type Exchange,
} from '../../policy/rollback';
import { isSameId } from '../../same-id';
import { saysController } from '../domain-controller';
import { inStep } from '../in-step';
import { conclusionOnRecord } from '../on-record';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { ofReading, recordInspection } from '../readings';
import { debtOf } from '../recovery/debts';
import { groupOf, lookAround, workbenchGroupOf } from '../recovery/look-around';
import { rollbackOf } from '../recovery/names';
import { expiryOf } from '../tags';
import type { AboutRepair } from '../input';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { lookAtDisks } from './disks';
import { putErrand, readErrand, rollbackInput, rollbackNotOnRecord, type Errand } from './errand';
import { exchangeOf } from './exchange';
import { permitted } from './permitted';
import { whetherController } from './whether-controller';

/** What was found: `is-back` if this rollback has exchanged the disks already, before its story was begun again. */
export interface RollbackInspection {
  state: 'to-be-put-back' | 'is-back';
  copyId: string;
  originalId: string;
  lossSince: string;
  keptUntil: string;
}

/**
 * Looks whether the exchange can be taken back, asks policy, and writes down what is to be done. Whatever could stop us
 * half-way is looked for here, before anything is touched. Nothing is created but a command in the guest, where its agent is usable.
 */
export async function inspectRollback(tools: Tools, given: unknown): Promise<Progress<RollbackInspection>> {
  const about = rollbackInput.parse(given);
  const { ledger } = tools;
  await ledger.updateRepair(about.repairId, { startedAt: new Date().toISOString() });
  const step: Step = {
    step: ofReading('inspect', about),
    title: 'Look whether the exchange of the OS disk can be taken back',
  };
  return inStep(tools, about.repairId, step, async () => {
    const told = await conclusionOnRecord(ledger, about.repairId);
    if (told) return { kind: 'end', conclusion: told };
    const own = await ledger.getRepair(about.repairId);
    const detail = await ledger.getRepairDetail(about.rollsBack);
    if (own?.rollsBack !== about.rollsBack || !isSameVm(detail, about)) return end('refused', ...rollbackNotOnRecord);
    const begun = await begunBefore(tools, about);
    if (begun) return begun;
    const exchange = exchangeOf(detail);
    const onRecord = obstacleOnRecord(detail.repair, exchange, {
      isDomainController: saysController(detail.documents),
    });
    if (onRecord) return end('refused', onRecord.code, onRecord.reason);
    if (!exchange) return end('refused', ...rollbackNotOnRecord);
    if (!isLossAcknowledged(own.acknowledgedLossSince ?? '', exchange)) {
      return end('refused', 'loss-not-acknowledged', acknowledgementOf(exchange));
    }
    return lookAt(tools, about, exchange);
  });
}

function isSameVm(detail: RepairDetail | undefined, { vmId }: AboutRepair): detail is RepairDetail {
  return detail?.repair.vmId.toLowerCase() === vmId.toLowerCase();
}

/** The story was begun again after the disks were exchanged: that is not done twice, and not given up either. */
async function begunBefore(tools: Tools, about: AboutRepair): Promise<Progress<RollbackInspection> | undefined> {
  const errand = await readErrand(tools, about);
  if (!errand) return undefined;
  const exchange = await debtOf(tools, about.repairId, rollbackOf(about));
  if (!exchange || exchange.deletedAt !== undefined) return undefined;
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) return progressOf(look.failure, 'look which OS disk the VM has');
  if (!isSameId(look.value.osDiskId, errand.originalId)) return undefined;
  return done(found(tools, about, errand, 'is-back'), 'The VM has its original disk already.');
}

async function lookAt(tools: Tools, about: AboutRepair, exchange: Exchange): Promise<Progress<RollbackInspection>> {
  const permit = await permitted(tools, about);
  if (permit.kind !== 'permitted') return permit;
  const { vm } = permit;
  await recordInspection(tools, about, { vm });
  const look = await lookAtDisks(tools, vm, exchange);
  if (look.kind === 'obstacle') return end('refused', look.obstacle.code, look.obstacle.reason);
  if (look.kind !== 'ready') return look;
  const around = await lookAround(tools, scopesOf(tools, vm, exchange));
  if (around.kind === 'wait') return around;
  const obstacle = exchangeObstacle({ vm, disk: look.copy, ...around });
  if (obstacle?.lasts === 'passing') {
    const { code, reason } = obstacle;
    return wait(reason, 15_000, { ending: 'refused', code, reason });
  }
  if (obstacle) return end('refused', obstacle.code, obstacle.reason);
  // Last of all, because the guest is asked by a command.
  const asked = await whetherController(tools, about);
  if (asked.kind !== 'done') return asked;
  const { round, copyId, originalId, lossSince } = exchange;
  const errand: Errand = { rollsBack: about.rollsBack ?? '', round, copyId, originalId, lossSince };
  await putErrand(tools, about, errand);
  const detail = `The VM has the copy ${copyId}, and its original ${originalId} is there and free. ${asked.detail}`;
  return done(found(tools, about, errand, 'to-be-put-back'), detail);
}

function found(
  { settings }: Tools,
  about: AboutRepair,
  { copyId, originalId, lossSince }: Errand,
  state: RollbackInspection['state'],
): RollbackInspection {
  return { state, copyId, originalId, lossSince, keptUntil: expiryOf(about, settings) };
}

/** The original may stand in another group than the copy by now: somebody may have moved it. */
function scopesOf({ settings }: Tools, { id: vmId }: VirtualMachine, { copyId, originalId }: Exchange) {
  const groups = new Map([copyId, originalId].map((id) => [groupOf(id).toLowerCase(), groupOf(id)]));
  return [
    { scope: vmId, actions: rollbackActions.patient },
    ...[...groups.values()].map((scope) => ({ scope, actions: rollbackActions.disks })),
    { scope: workbenchGroupOf(settings, vmId), actions: rollbackActions.workbench },
  ];
}
