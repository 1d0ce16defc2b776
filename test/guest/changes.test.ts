import { changeName, changeTitle, holds, type Change } from '../../src/guest/changes';
import { configurationOf, statusOf, unreadableOf } from '../signatures/evidence';

const setAutomatic: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };
const start: Change = { kind: 'start-service', service: 'Dhcp' };

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

  it('does not hold when it was not read, or another service was', () => {
    for (const change of [setAutomatic, start]) {
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
