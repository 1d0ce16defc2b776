import { noUndo, undoBy } from '../../../src/guest/undo';
import fc from 'fast-check';
import type { Change } from '../../../src/guest/changes';
import { commandLine, type GuestCommandResult } from '../../../src/guest/command';
import { readChange, renderChange, stateBefore, undoOf } from '../../../src/guest/live-changes';
import { configurationOf, statusOf } from '../../signatures/support/evidence';
import { answerOf, ended, leftOut, registryOutput, statusOutput } from '../support/answers';

const setAutomatic: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };
const start: Change = { kind: 'start-service', service: 'Dhcp' };

describe('guest/live-changes/services', () => {
  it('read, write and read again', () => {
    expect(renderChange(setAutomatic).map(commandLine)).toEqual([
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\Dhcp /v Start`,
      'sc.exe config Dhcp start= auto',
      String.raw`reg.exe query HKLM\SYSTEM\CurrentControlSet\Services\Dhcp /v Start`,
    ]);
    expect(renderChange(start).map(commandLine)).toEqual([
      'sc.exe query Dhcp',
      'sc.exe start Dhcp',
      'sc.exe query Dhcp',
    ]);
  });

  it('give every command an id of its own', () => {
    const ids = [setAutomatic, start].flatMap(renderChange).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    [setAutomatic, registryOutput(2), true],
    [setAutomatic, registryOutput(4), false],
    [setAutomatic, registryOutput(0x20), false],
    [setAutomatic, registryOutput(2, 'Restart'), false],
    [start, statusOutput(4), true],
    [start, statusOutput(4, 'STATUS'), true],
    [start, statusOutput(4, '\u0090TAT'), true],
    [start, statusOutput(1), false],
    [start, statusOutput(2), false],
    [start, statusOutput(1, 'STATE', 4), false],
  ])('leave a right value alone, in any language (case %#)', (change, output, isLeftAlone) => {
    const unless = renderChange(change).find(({ id }) => id.endsWith(':write'))?.unless;
    expect(unless?.id).toBe(renderChange(change)[0]?.id);
    // The script matches with .NET's Multiline, where a carriage return is an ordinary blank character.
    const text = output.replaceAll('\r\n', ' \n');
    expect(new RegExp(unless?.matches ?? '', 'm').test(text)).toBe(isLeftAlone);
  });

  it('are told as changed, with the value before, the value after and the way back', () => {
    expect(readStart(registryOutput(4), ended('write', 'ok'), registryOutput(2))).toEqual({
      change: 'set-service-start-type:Dhcp',
      title: 'Set the start type of the service Dhcp to automatic',
      outcome: 'changed',
      before: 'Start = 4 (disabled)',
      after: 'Start = 2 (automatic)',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
    });
  });

  it('are told as right already when the write was left out', () => {
    expect(readStart(registryOutput(2), leftOut('write'), registryOutput(2))).toMatchObject({
      outcome: 'right-already',
      before: 'Start = 2 (automatic)',
    });
  });

  it.each([1058, 1060, 5])('are told as failed with the Windows error %d, in any language', (code) => {
    for (const word of ['FAILED', 'FEHLER']) {
      const write = ended('write', `[SC] StartService ${word} ${code}:\r\n\r\n…\r\n`, code);
      expect(readState(statusOutput(1), write, statusOutput(1))).toMatchObject({ outcome: 'failed', code });
    }
  });

  it('count a service that ran already as started', () => {
    const write = ended('write', '[SC] StartService FAILED 1056:\r\n', 1056);
    expect(readState(statusOutput(4), write, statusOutput(4))).toMatchObject({ outcome: 'changed' });
  });

  it('count a service that is still starting as started: verification looks once more', () => {
    expect(readState(statusOutput(1), ended('write', ''), statusOutput(2))).toMatchObject({
      outcome: 'changed',
      after: 'state 2 (start pending), exit code 0',
    });
  });

  it('are told as failed when the value read again is not the wanted one', () => {
    expect(readStart(registryOutput(4), ended('write', 'ok'), registryOutput(4))).toMatchObject({
      outcome: 'failed',
      reason: 'read again, it is still Start = 4 (disabled)',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
    });
    expect(readState(statusOutput(1), ended('write', ''), statusOutput(1))).toMatchObject({ outcome: 'failed' });
  });

  it('are told as failed when they cannot be read again', () => {
    expect(readStart(registryOutput(4), ended('write', 'ok'), '')).toMatchObject({
      outcome: 'failed',
      reason: 'read again: the value Start is not there',
    });
  });

  it.each<[GuestCommandResult, string]>([
    [{ id: 'write', kind: 'timed-out', output: '' }, 'the command did not end in time'],
    [{ id: 'write', kind: 'not-started', reason: 'x' }, 'the command could not be started'],
  ])('are told as failed after %j, and the undo is kept because they may have been made', (write, reason) => {
    expect(readStart(registryOutput(4), write, registryOutput(4))).toMatchObject({
      outcome: 'failed',
      reason,
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
    });
  });

  it('are told as failed when the guest gave no answer at all', () => {
    expect(readChange(start, answerOf())).toMatchObject({
      outcome: 'failed',
      before: 'unreadable: the guest gave no answer to this command',
      undo: undoBy('sc.exe', 'stop', 'Dhcp'),
    });
  });

  it('never throw, whatever the guest prints', () => {
    const output = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(registryOutput(2), statusOutput(4)));
    fc.assert(
      fc.property(output, output, fc.constantFrom(0, 5, 1056, -1), (before, after, code) => {
        expect(['changed', 'failed']).toContain(readStart(before, ended('write', before, code), after).outcome);
        expect(['changed', 'failed']).toContain(readState(before, ended('write', before, code), after).outcome);
      }),
    );
  });
});

describe('guest/live-changes/services: undo', () => {
  it.each([
    [0, 'boot'],
    [1, 'system'],
    [2, 'auto'],
    [3, 'demand'],
    [4, 'disabled'],
  ])('puts start type %d back', (before, word) => {
    const undo = undoBy('sc.exe', 'config', 'Dhcp', 'start=', word);
    expect(undoOf(setAutomatic, { value: before, text: '' })).toEqual(undo);
  });

  it.each([undefined, 5, -1, 0.5])('says that it cannot put %s back', (before) => {
    expect(undoOf(setAutomatic, before === undefined ? undefined : { value: before, text: '' })).toEqual(
      noUndo('the start type before could not be read; see the snapshot'),
    );
  });

  it('stops a service that did not run, and leaves one that ran', () => {
    expect(undoOf(start, { value: 1, text: '' })).toEqual(undoBy('sc.exe', 'stop', 'Dhcp'));
    expect(undoOf(start, undefined)).toEqual(undoBy('sc.exe', 'stop', 'Dhcp'));
    expect(undoOf(start, { value: 4, text: '' })).toMatchObject({ kind: 'nothing' });
  });

  it('takes the value before from the evidence', () => {
    const evidence = [configurationOf('Dhcp', 4), statusOf('Dhcp', 1)];
    expect(stateBefore(setAutomatic, evidence)).toEqual({ value: 4, text: 'Start = 4 (disabled)' });
    expect(stateBefore(start, evidence)).toEqual({ value: 1, text: 'state 1 (stopped), exit code 0' });
    expect(stateBefore(start, [])).toBeUndefined();
    expect(stateBefore(setAutomatic, [configurationOf('TermService', 4)])).toBeUndefined();
  });
});

function readStart(before: string, write: GuestCommandResult, after: string) {
  return readWith(setAutomatic, before, write, after);
}

function readState(before: string, write: GuestCommandResult, after: string) {
  return readWith(start, before, write, after);
}

function readWith(change: Change, before: string, write: GuestCommandResult, after: string) {
  const [first = '', second = '', third = ''] = renderChange(change).map(({ id }) => id);
  return readChange(change, answerOf(ended(first, before), { ...write, id: second }, ended(third, after)));
}
