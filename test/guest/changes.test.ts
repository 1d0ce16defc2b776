import { changeName, changeTitle, holds, proofOf, type Change } from '../../src/guest/changes';
import { bootModeOf, bootObjectOf, configurationOf, statusOf, unreadableOf } from '../signatures/support/evidence';

const setAutomatic: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };
const start: Change = { kind: 'start-service', service: 'Dhcp' };
const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
const flag: Change = { kind: 'delete-boot-element', object, element: 'safeboot' };
const shell: Change = { kind: 'delete-boot-element', object, element: 'safebootalternateshell' };
const restart: Change = { kind: 'restart-from-safe-mode', delaySeconds: 60, bootedBefore: '2026-01-02T01:00:00.000Z' };

describe('guest/changes', () => {
  it.each([
    ['automatic', 2],
    ['on demand', 3],
    ['disabled', 4],
  ] as const)('holds when the start type %s is read again as %d', (startType, number) => {
    const change: Change = { ...setAutomatic, startType };
    expect(holds(change, [configurationOf('Dhcp', number)])).toBe(true);
    expect(holds(change, [configurationOf('Dhcp', 1)])).toBe(false);
  });

  it.each([1, 2, 3, 5, 6, 7])('does not hold when the started service is in state %d', (state) => {
    expect(holds(start, [statusOf('Dhcp', state)])).toBe(false);
  });

  it('holds when the started service runs', () => {
    expect(holds(start, [statusOf('Dhcp', 4)])).toBe(true);
  });

  it('holds when the boot entry, read by itself, has the element no more', () => {
    expect(holds(flag, [bootObjectOf(object, { alternateShell: true })])).toBe(true);
    expect(holds(flag, [bootObjectOf(object, { safeboot: 'Minimal' })])).toBe(false);
    expect(holds(shell, [bootObjectOf(object, { safeboot: 'Minimal' })])).toBe(true);
    expect(holds(shell, [bootObjectOf(object, { alternateShell: true })])).toBe(false);
    expect(holds(flag, [bootObjectOf('{00000000-0000-0000-0000-000000000000}')])).toBe(false);
  });

  it('holds when Windows was booted since, and runs normally', () => {
    expect(holds(restart, [bootModeOf('normal')])).toBe(true);
    expect(holds(restart, [bootModeOf('Minimal')])).toBe(false);
    expect(holds({ ...restart, bootedBefore: '2026-01-02T02:00:00.000Z' }, [bootModeOf('normal')])).toBe(false);
    expect(holds({ kind: 'restart-from-safe-mode', delaySeconds: 60 }, [bootModeOf('normal')])).toBe(true);
  });

  it('holds when account and type are read again as wanted, whatever the case of the name', () => {
    const account: Change = { kind: 'set-service-account', service: 'Dhcp', account: 'NT AUTHORITY\\LocalService' };
    const own: Change = { kind: 'set-service-type', service: 'Dhcp', type: 'own' };
    expect(holds(account, [configurationOf('Dhcp', 2)])).toBe(true);
    expect(holds(account, [configurationOf('Dhcp', 2, { account: 'LocalSystem' })])).toBe(false);
    expect(holds(own, [configurationOf('Dhcp', 2, { type: 0x10 })])).toBe(true);
    expect(holds(own, [configurationOf('Dhcp', 2)])).toBe(false);
    for (const change of [account, own]) expect(holds(change, [])).toBe(false);
    expect(holds({ kind: 'stop-service', service: 'Dhcp' }, [statusOf('Dhcp', 4)])).toBe(true);
  });

  it('says what must be read to see whether it holds', () => {
    expect([setAutomatic, start, flag, restart].map((change) => proofOf(change).kind)).toEqual([
      'service-configuration',
      'service-status',
      'boot-object',
      'boot-mode',
    ]);
  });

  it('does not hold when it was not read, or another service was', () => {
    for (const change of [setAutomatic, start, flag, shell, restart]) {
      expect(holds(change, [])).toBe(false);
      expect(holds(change, [configurationOf('TermService', 2), statusOf('TermService', 4)])).toBe(false);
      expect(holds(change, [unreadableOf({ kind: 'service-status', service: 'Dhcp' }, 'x')])).toBe(false);
    }
  });

  it('has a stable name and a title', () => {
    expect([setAutomatic, start].map(changeName)).toEqual(['set-service-start-type:Dhcp', 'start-service:Dhcp']);
    expect(changeTitle(start)).toBe('Start the service Dhcp');
  });
});
