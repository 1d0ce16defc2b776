import type { Answer, Arm, ArmFailure } from '../azure/ports';
import type { RecoveryArm } from '../azure/recovery-ports';
import type { Ledger, WriteLock } from '../ledger/ports';
import type { Tools } from './toolbox';

/**
 * The fence around Azure: each call that writes is let through only while it is this call's turn. Whoever looked before somebody
 * else wrote, or belongs to an orchestration that was ended and begun again, is told to ask again, and writes nothing
 * (docs/decisions/0019-fencing.md).
 */

/** Whether a call changes something in Azure. A call that is added to a port and forgotten here does not compile. */
type Kind = 'reads' | 'writes';

const armCalls = {
  getVirtualMachine: 'reads',
  findVirtualMachines: 'reads',
  listAlerts: 'reads',
  getDisk: 'reads',
  getSnapshot: 'reads',
  beginSnapshot: 'writes',
  readSnapshot: 'writes',
  revokeSnapshotAccess: 'writes',
  getGuestRun: 'reads',
  beginGuestRun: 'writes',
  beginDeleteGuestRun: 'writes',
  getSerialConsole: 'reads',
  getNetworkInterface: 'reads',
  getPublicAddress: 'reads',
  // A long operation of Azure's that computes and changes nothing.
  beginEffectiveRules: 'reads',
  lookAtEffectiveRules: 'reads',
} as const satisfies Record<keyof Arm, Kind>;

const recoveryCalls = {
  beginPowerOff: 'writes',
  beginStart: 'writes',
  beginSwapOsDisk: 'writes',
  beginCopyDisk: 'writes',
  beginTagDisk: 'writes',
  beginDeleteDisk: 'writes',
  beginDeleteSnapshot: 'writes',
  beginCreateRecoveryMachine: 'writes',
  beginDeleteMachine: 'writes',
  beginAttachDataDisk: 'writes',
  beginDetachDataDisk: 'writes',
  beginCreateNetworkInterface: 'writes',
  getNetworkInterface: 'reads',
  beginDeleteNetworkInterface: 'writes',
  listLeftovers: 'reads',
  getLocks: 'reads',
  getDenyAssignments: 'reads',
  getPermissions: 'reads',
  findSizes: 'reads',
  getComputeQuota: 'reads',
} as const satisfies Record<keyof RecoveryArm, Kind>;

/**
 * How long (ms) a call that writes may be under way: two requests of 20 s each (src/azure/arm/compute-client.ts) and the token. A
 * holder that died keeps others waiting for no longer.
 */
export const writeLimitMs = 60_000;

/** What a call has to be in front of each write. */
export interface Writer {
  repairId: string;
  /** The lock of its activity as it was before the activity looked at Azure. */
  seen: Pick<WriteLock, 'activity' | 'version'>;
  /** Read anew just before each write: why this call may not write any more, or undefined. */
  isStopped(): Promise<ArmFailure | undefined>;
}

/** Tools whose writes go through the fence; `release` lets others have their turn, and is called whatever came of the work. */
export function fenced(tools: Tools, writer: Writer): { tools: Tools; release: () => Promise<void> } {
  const { ledger } = tools;
  const { repairId, seen } = writer;
  let held: Pick<WriteLock, 'activity' | 'version'> | undefined;

  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: writes of one call that are begun side by side must not overtake each other. */
  function turn(limitMs: number): Promise<ArmFailure | undefined> {
    const mine = last.then(() => acquire(limitMs));
    last = mine.catch(() => undefined);
    return mine;
  }

  /** Each write takes the lock anew: so a holder that was away for longer than its time learns that another one has it. */
  async function acquire(limitMs: number): Promise<ArmFailure | undefined> {
    const known = held ?? seen;
    const heldUntil = new Date(Date.now() + limitMs).toISOString();
    if (!(await ledger.acquireWriteLock(repairId, known, heldUntil))) return overtaken;
    held = { activity: known.activity, version: known.version + 1 };
    return writer.isStopped();
  }

  const arm: Arm = {
    ...withTurns(tools.arm, armCalls, () => turn(writeLimitMs)),
    async readSnapshot(snapshotId, options, read) {
      // All of it, the giving back included, is over within that time.
      const stop = await turn(options.limitMs);
      if (stop) return { ok: false, failure: stop, revoked: { ok: true, value: 'revoked' } };
      return tools.arm.readSnapshot(snapshotId, options, read);
    },
  };
  const recovery = withTurns(tools.recovery, recoveryCalls, () => turn(writeLimitMs));
  return { tools: { ...tools, arm, recovery }, release: () => releaseLock(ledger, repairId, held) };
}

async function releaseLock(
  ledger: Ledger,
  repairId: string,
  held: Pick<WriteLock, 'activity' | 'version'> | undefined,
) {
  if (held) await ledger.releaseWriteLock(repairId, held);
}

/** Whether somebody is, or may still be, in the middle of a write. */
export function isHeld({ heldUntil }: WriteLock): boolean {
  return heldUntil !== undefined && Date.parse(heldUntil) > Date.now();
}

const overtaken: ArmFailure = {
  kind: 'wait',
  code: 'StepAtWork',
  message: 'Another call of this step wrote to Azure since this one looked.',
  retryAfterMs: 1_000,
};

/** The same port; each of its writes asks for its turn, and gives the reason instead of an answer where there is none. */
function withTurns<Port extends object>(
  port: Port,
  kinds: Readonly<Record<keyof Port, Kind>>,
  turn: () => Promise<ArmFailure | undefined>,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function' || !isWrite(kinds, name)) return call;
      return async (...given: unknown[]): Promise<Answer<unknown>> => {
        const stop = await turn();
        return stop ? { ok: false, failure: stop } : ((await Reflect.apply(call, target, given)) as Answer<unknown>);
      };
    },
  });
}

function isWrite(kinds: object, name: string | symbol): boolean {
  return Reflect.get(kinds, name) === 'writes';
}
