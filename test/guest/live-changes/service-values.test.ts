import { undoBy } from '../../../src/guest/undo';
import type { Change } from '../../../src/guest/changes';
import { readChange, renderChange, stateBefore, undoOf } from '../../../src/guest/live-changes';
import { configurationOf, statusOf } from '../../signatures/support/evidence';
import { answerOf, ended, registryOutput, statusOutput } from '../support/answers';

const account: Change = { kind: 'set-service-account', service: 'Dhcp', account: 'NT AUTHORITY\\LocalService' };
const own: Change = { kind: 'set-service-type', service: 'Dhcp', type: 'own' };
const stop: Change = { kind: 'stop-service', service: 'Dhcp' };

function accountOutput(name: string): string {
  return ['', 'HKEY_LOCAL_MACHINE\\X', `    ObjectName    REG_SZ    ${name}`, ''].join('\r\n');
}

function isLeftAlone(change: Change, output: string): boolean {
  const { matches } = renderChange(change)[1]?.unless ?? { matches: '' };
  return new RegExp(matches, 'm').test(output.replaceAll('\r\n', ' \n'));
}

function read(change: Change, before: string, after: string, code = 0) {
  const [first = '', second = '', third = ''] = renderChange(change).map(({ id }) => id);
  return readChange(change, answerOf(ended(first, before), ended(second, '', code), ended(third, after)));
}

describe('guest/live-changes/service-values: service account', () => {
  it('is written as one argument, without quotes of ours', () => {
    expect(renderChange(account)[1]).toMatchObject({
      file: 'sc.exe',
      arguments: ['config', 'Dhcp', 'obj=', 'NT AUTHORITY\\LocalService'],
    });
  });

  it.each([
    ['NT AUTHORITY\\LocalService', true],
    ['NT Authority\\LocalService', true],
    ['NT AUTHORITY\\LocalServices', false],
    ['NT AUTHORITY\\Local Service', true],
    ['LocalService', true],
    ['NT-AUTORIT?T\\LOKALER DIENST', true],
    ['NT AUTHORITY\\SERVIZIO LOCALE', true],
    ['AUTORIDADE NT\\SERVI??O LOCAL', true],
    ['CORP\\LocalService', false],
    ['NT AUTHORITY\\Network Service', false],
    ['LocalSystem', false],
  ])('is left alone when it is %s: %s', (name, expected) => {
    expect(isLeftAlone(account, accountOutput(name))).toBe(expected);
  });

  it('is told with the account before and the way back, where one command is enough', () => {
    expect(read(account, accountOutput('LocalSystem'), accountOutput('NT AUTHORITY\\LocalService'))).toMatchObject({
      outcome: 'changed',
      before: 'account LocalSystem',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'obj=', 'LocalSystem'),
    });
    expect(read(account, accountOutput('NT AUTHORITY\\Network Service'), accountOutput('LocalService'))).toMatchObject({
      outcome: 'changed',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'obj=', 'NT AUTHORITY\\Network Service'),
    });
    // By its English name, which is right in every language: the code page of the bytes is not known.
    expect(
      read(account, accountOutput('NT-AUTORIT\u008eT\\NETZWERKDIENST'), accountOutput('LocalService')),
    ).toMatchObject({
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'obj=', 'NT AUTHORITY\\NetworkService'),
    });
    const foreign = stateBefore(account, [configurationOf('Dhcp', 2, { account: '.\\svc & calc' })]);
    expect(undoOf(account, foreign)).toMatchObject({
      kind: 'impossible',
      why: expect.stringContaining('password') as string,
    });
    expect(undoOf(account, undefined)).toMatchObject({ kind: 'impossible' });
  });
});

describe('guest/live-changes/service-values: service type', () => {
  it.each([
    [0x10, true],
    [0x20, false],
    [0x110, false],
  ])('0x%s is left alone: %s', (type, expected) => {
    expect(isLeftAlone(own, registryOutput(type, 'Type'))).toBe(expected);
  });

  it('is told with the type before and the way back', () => {
    expect(read(own, registryOutput(0x20, 'Type'), registryOutput(0x10, 'Type'))).toMatchObject({
      outcome: 'changed',
      before: 'Type = 0x20 (share)',
      undo: undoBy('sc.exe', 'config', 'Dhcp', 'type=', 'share'),
    });
    expect(undoOf(own, stateBefore(own, [configurationOf('Dhcp', 2)]))).toEqual(
      undoBy('sc.exe', 'config', 'Dhcp', 'type=', 'share'),
    );
    expect(undoOf(own, stateBefore(own, [configurationOf('Dhcp', 2, { type: 0x30 })]))).toMatchObject({
      kind: 'impossible',
    });
  });
});

describe('guest/live-changes/service-values: stopping a service', () => {
  it.each([
    [1, true],
    [2, false],
    [3, false],
    [4, false],
  ])('is left out in state %d: %s', (state, expected) => {
    expect(isLeftAlone(stop, statusOutput(state))).toBe(expected);
  });

  it('counts when it has stopped, is stopping, or was not active; not when it still hangs', () => {
    expect(read(stop, statusOutput(2), statusOutput(1))).toMatchObject({ outcome: 'changed' });
    expect(read(stop, statusOutput(2), statusOutput(3))).toMatchObject({ outcome: 'changed' });
    expect(read(stop, statusOutput(2), statusOutput(1), 1062)).toMatchObject({ outcome: 'changed' });
    expect(read(stop, statusOutput(2), statusOutput(2), 1061)).toMatchObject({ outcome: 'failed', code: 1061 });
    expect(undoOf(stop, stateBefore(stop, [statusOf('Dhcp', 2)]))).toMatchObject({ kind: 'nothing' });
  });
});
