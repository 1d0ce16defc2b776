import { parseScFailure } from '../../windows/sc-query';
import { changeName, changeTitle, type Change, type ChangeResult } from '../changes';
import {
  nativeCommand,
  outputOf,
  resultOf,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from '../command';
import type { Evidence } from '../evidence';
import { nothingToUndo, type Undo } from '../undo';
import { deleteBootElement } from './boot-element';
import type { LiveChange, ReadBack } from './live-change';
import { restartFromSafeMode } from './restart';
import { setServiceAccount } from './service-account';
import { startService, stopService } from './service-state';
import { setStartType } from './service-start-type';
import { setServiceType } from './service-type';

/**
 * Renders changes into native command lines for a *running* Windows, and reads what became of them. One file for each
 * kind; what is rendered here is all that we ever write in a running guest.
 */
function liveChangeOf(change: Change): LiveChange {
  switch (change.kind) {
    case 'set-service-start-type':
      return setStartType(change);
    case 'start-service':
      return startService(change);
    case 'stop-service':
      return stopService(change);
    case 'set-service-account':
      return setServiceAccount(change);
    case 'set-service-type':
      return setServiceType(change);
    case 'delete-boot-element':
      return deleteBootElement(change);
    case 'restart-from-safe-mode':
      return restartFromSafeMode(change);
  }
}

/** The commands that make one change: look, write unless it is right already, look again. */
export function renderChange(change: Change): GuestCommand[] {
  const name = changeName(change);
  const { look, write, right, later } = liveChangeOf(change);
  const before = nativeCommand(`${name}:before`, look.file, ...look.arguments);
  return [
    before,
    { ...nativeCommand(`${name}:write`, write.file, ...write.arguments), unless: { id: before.id, matches: right } },
    ...(later === undefined ? [nativeCommand(`${name}:after`, look.file, ...look.arguments)] : []),
  ];
}

/**
 * The commands that make these changes, in order. A restart is asked for only where the boot store, read again, has lost its
 * flags: otherwise it would be a downtime that leads into safe mode again.
 */
export function renderChanges(changes: readonly Change[]): GuestCommand[] {
  const onlyIf = changes
    .filter(({ kind }) => kind === 'delete-boot-element')
    .map((change) => ({ id: `${changeName(change)}:after`, matches: liveChangeOf(change).right }));
  return changes.flatMap((change) => {
    const commands = renderChange(change);
    if (change.kind !== 'restart-from-safe-mode' || onlyIf.length === 0) return commands;
    return commands.map((command) => (command.unless ? { ...command, onlyIf } : command));
  });
}

/** What became of a change, from the answers to its commands. */
export function readChange(change: Change, answer: GuestAnswer): ChangeResult {
  const live = liveChangeOf(change);
  const name = changeName(change);
  const about = { change: name, title: changeTitle(change) };
  const read = live.read(resultOf(answer, `${name}:before`));
  const before = read.ok ? read.value.text : `unreadable: ${read.reason}`;
  const write = resultOf(answer, `${name}:write`);
  const heldBack = read.ok ? live.heldBack?.(read.value) : undefined;
  if (write?.kind === 'left-out' && heldBack !== undefined) {
    return { ...about, outcome: 'failed', before, reason: heldBack, undo: nothingToUndo('nothing was done') };
  }
  if (write?.kind === 'left-out') return { ...about, outcome: 'right-already', before };
  const undo = live.undo(read.ok ? read.value : undefined);
  const after = live.later === undefined ? live.read(resultOf(answer, `${name}:after`)) : undefined;
  const failure = failureOf(write);
  if (failure && live.isDecidedByLooking && after?.ok && live.isWanted(after.value.value)) {
    return { ...about, outcome: 'right-already', before };
  }
  if (failure && !live.harmlessErrors?.includes(failure.code ?? 0)) {
    return { ...about, outcome: 'failed', before, ...failure, undo };
  }
  if (!after) return { ...about, outcome: 'changed', before, after: live.later ?? '', undo };
  if (!after.ok) return { ...about, outcome: 'failed', before, reason: `read again: ${after.reason}`, undo };
  if (!live.isWanted(after.value.value)) {
    return { ...about, outcome: 'failed', before, reason: `read again, it is still ${after.value.text}`, undo };
  }
  return { ...about, outcome: 'changed', before, after: after.value.text, undo };
}

function failureOf(result: GuestCommandResult | undefined): { code?: number; reason: string } | undefined {
  if (result?.kind === 'ended') {
    if (result.exitCode === 0) return undefined;
    const code = parseScFailure(result.output) ?? result.exitCode;
    return { code, reason: `the command ended with Windows error ${code}` };
  }
  const output = outputOf(result);
  return { reason: output.ok ? 'unknown' : output.reason };
}

/** What the evidence says of a change's value before the write; undefined if it was not read. */
export function stateBefore(change: Change, evidence: Evidence[]): ReadBack | undefined {
  return liveChangeOf(change).known(evidence);
}

/** What puts the value before back, to be run in the guest. */
export function undoOf(change: Change, before: ReadBack | undefined): Undo {
  return liveChangeOf(change).undo(before);
}
