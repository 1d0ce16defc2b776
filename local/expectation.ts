/** How the repair of a VM of the simulated fleet ought to end, and what must then be true of the VM: data, held against the truth by verdicts.ts. */

import type { Ending } from '../src/ledger/ports';
import type { OutcomeCode } from '../src/outcome-codes';

/** A service as the guest has it. */
export interface ServiceExpectation {
  startType: number;
  state: 'RUNNING' | 'STOPPED';
}

/** What must be true of a VM after its alert. */
export interface Expectation {
  ending: Ending;
  code?: OutcomeCode;
  /** The cause that must be named, and the source of its first reason. */
  cause?: { signature: string; source: string };
  /** How Windows runs; undefined where there is no Windows. */
  boot?: string;
  /** Whether the cure is to restart it; nothing else may. */
  restarted?: true;
  /** Whether it ends with a mended copy as its OS disk, the original kept beside it. */
  onCopy?: true;
  /** Services that are not as in a Windows that is well (`wellServices`), or that the fault is about. */
  services?: Readonly<Record<string, ServiceExpectation>>;
  /** Whether the guest has an address, and whether its agent is alive. */
  reachable: boolean;
  /** Whether a snapshot of it must be there. */
  snapshot: boolean;
}

/** The services that every Windows is judged by. */
export const wellServices = {
  Dhcp: { startType: 2, state: 'RUNNING' },
  TermService: { startType: 3, state: 'RUNNING' },
} as const satisfies Readonly<Record<string, ServiceExpectation>>;

/** A VM that must be found well again, by what Run Command and verification saw. */
export function repairedLive(signature: string, services?: Expectation['services']): Expectation {
  return {
    ending: 'repaired',
    cause: { signature, source: 'run-command' },
    boot: 'normal',
    ...(services === undefined ? {} : { services }),
    reachable: true,
    snapshot: true,
  };
}

/** A VM that no command reaches: it must be found well again on a copy of its disk. `source`: what the cause was seen by. */
export function repairedOnCopy(
  signature: string,
  services?: Expectation['services'],
  source: 'snapshot-disk' | 'recovery-vm' = 'snapshot-disk',
): Expectation {
  return {
    ...repairedLive(signature, services),
    cause: { signature, source },
    restarted: true,
    onCopy: true,
  };
}
