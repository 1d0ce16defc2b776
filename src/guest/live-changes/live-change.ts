import type { GuestCommandResult, ProgramCall } from '../command';
import type { Evidence } from '../evidence';
import type { Parsed } from '../../windows/parsed';
import type { Undo } from '../undo';

/** What a change is about, as it was read: a value to compare and the same in words. */
export interface ReadBack {
  value: number | string;
  text: string;
}

/** How one change is said to a running Windows: looked at, written unless it is right already, looked at again. */
export interface LiveChange {
  look: ProgramCall;
  write: ProgramCall;
  /** Matches what `look` prints when nothing is to be written. .NET and JavaScript read it, multi-line. */
  right: string;
  /** What `look` says. */
  read(result: GuestCommandResult | undefined): Parsed<ReadBack>;
  /** What evidence that was read before says of the same. */
  known(evidence: Evidence[]): ReadBack | undefined;
  isWanted(value: ReadBack['value']): boolean;
  /** Windows errors of the write that mean that it is so already, or will be. */
  harmlessErrors?: readonly number[];
  /** True where a failed write counts as done if looking again shows it: somebody else was quicker. */
  isDecidedByLooking?: boolean;
  /** Why a write that was called for was left out all the same; undefined if it was not called for. */
  heldBack?(before: ReadBack): string | undefined;
  /** For what takes effect later: what is told in place of a second look. */
  later?: string;
  /** What puts the value before back. */
  undo(before: ReadBack | undefined): Undo;
}
