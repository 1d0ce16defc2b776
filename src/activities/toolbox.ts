import type { Arm } from '../azure/ports';
import type { RecoveryArm } from '../azure/recovery-ports';
import type { ParkedSignals } from '../ledger/parked-signals';
import type { Ledger, RepairRecord } from '../ledger/ports';
import type { Probe } from '../probe/ports';
import type { Settings } from '../settings';
import type { Log } from '../telemetry/log';

/** What activities and doors work with: ports and settings. Tests hand in others. */
export interface Toolbox {
  arm: Arm;
  /** What the route `recovery-vm` asks of Azure beyond that. */
  recovery: RecoveryArm;
  ledger: Ledger;
  /** Absent where no queue is set. */
  parkedSignals?: ParkedSignals;
  probe: Probe;
  settings: Settings;
}

/** Gives the toolbox; made at the first call, so that wrong settings are told by a clear error and not by a dead app. */
export type OpenToolbox = () => Promise<Toolbox>;

/**
 * A toolbox with the log of the invocation that uses it. `repair` is the record that let an activity in, as it was when this call of it began:
 * for what does not change in it while the call lasts. Absent where nobody has read it.
 */
export type Tools = Toolbox & { log: Log; repair?: RepairRecord };
