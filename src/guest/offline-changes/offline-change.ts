import type { GuestCommandResult, ProgramCall } from '../command';
import type { ReadBack } from '../live-changes/live-change';
import type { OfflineDisk } from '../offline-disk';
import type { Undo } from '../undo';
import type { Parsed } from '../../windows/parsed';

/** One value on the disk: looked at, written unless it is right already, looked at again. */
export interface OfflineWrite {
  /** Where it stands, in words and as part of the commands' ids; unique within a change. */
  where: string;
  /** The control set that must be there, loaded; undefined for the boot store. */
  controlSet?: number;
  look: ProgramCall;
  write: ProgramCall;
  /** Matches what `look` prints where there is something to write to: nothing is made that was not there. */
  there: string;
  /** Matches what `look` prints when nothing is to be written. .NET and JavaScript read it, multi-line. */
  right: string;
  read(result: GuestCommandResult | undefined): Parsed<ReadBack>;
  isWanted(value: ReadBack['value']): boolean;
  /**
   * The command that puts the value before back on the attached disk, its hive loaded under the same key; undefined where the
   * value was printed in bytes whose code page is not known.
   */
  undoOffline(before: ReadBack): string | undefined;
  /** The same in the Windows that runs from the disk. */
  undo(before: ReadBack | undefined): Undo;
}

/** How a change is said to a Windows that does not run. */
export type OfflineChange =
  | { kind: 'writes'; writes: OfflineWrite[] }
  /** There is nothing to write: it comes true, or does not, when Windows starts from the disk. */
  | { kind: 'comes-with-boot'; reason: string };

/** What a change is rendered for: the disk, and the control sets of its registry that count, the next boot's first. */
export interface OfflineTarget {
  disk: OfflineDisk;
  controlSets: readonly number[];
}
