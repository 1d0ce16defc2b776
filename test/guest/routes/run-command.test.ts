import fc from 'fast-check';
import { guestRunName, nonceOf, renderGuestRun, type GuestRunKey } from '../../../src/guest/routes/run-command';
import { renderNeeds } from '../../../src/guest/live';
import { repairIdOf } from '../../../src/repair-id';

const key: GuestRunKey = { repairId: '20260102t030405z-0123abcd45', name: 'evidence', part: 1 };
const place = { location: 'westeurope', tags: { 'rdp-lifeline-repair': key.repairId } };

describe('guest/routes/run-command', () => {
  it('names a run after repair, run and part', () => {
    expect(guestRunName(key)).toBe('rdp-lifeline-20260102t030405z-0123abcd45-evidence');
    expect(guestRunName({ ...key, part: 2 })).toBe('rdp-lifeline-20260102t030405z-0123abcd45-evidence-part-2');
  });

  // Microsoft.Compute virtualMachines/runCommands: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
  it('gives legal names, that differ when anything differs', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        expect(guestRunName(one)).toMatch(/^[a-z][a-z0-9-]{0,78}[a-z0-9]$/);
        expect(guestRunName(one) === guestRunName(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('gives nonces that all parts share, and that differ by repair and run', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        const isSame = one.repairId === other.repairId && one.name === other.name;
        expect(nonceOf(one)).toMatch(/^[0-9a-f]{32}$/);
        expect(nonceOf(one) === nonceOf(other)).toBe(isSame);
      }),
    );
  });

  it('hands the commands over as data, and the script is the same for all', () => {
    const commands = renderNeeds([{ kind: 'service-status', service: 'Dhcp' }]);
    const request = renderGuestRun(key, commands, place);
    expect(request).toMatchObject({ name: guestRunName(key), timeoutSeconds: 180, ...place });
    expect(Object.keys(request.parameters).sort()).toEqual(['Commands', 'Nonce', 'Part']);
    expect(JSON.parse(Buffer.from(request.parameters.Commands ?? '', 'base64').toString('utf8'))).toEqual(commands);
    expect(request.script).toBe(renderGuestRun({ ...key, name: 'apply' }, [], place).script);
    expect(request.script).not.toContain('Dhcp');
  });

  it('does not run the commands again to fetch a further part', () => {
    const { parameters } = renderGuestRun({ ...key, part: 2 }, renderNeeds([{ kind: 'rdp-listener' }]), place);
    expect(parameters).toEqual({ Nonce: nonceOf(key), Part: '2' });
  });

  it('is the same at every call', () => {
    const commands = renderNeeds([{ kind: 'rdp-listener' }]);
    expect(renderGuestRun(key, commands, place)).toEqual(renderGuestRun({ ...key }, commands, place));
  });
});

const anyKey: fc.Arbitrary<GuestRunKey> = fc.record({
  repairId: fc.string().map((signal) => repairIdOf(signal, '2026-01-02T03:04:05.000Z')),
  name: fc.constantFrom('evidence', 'apply', 'verify-1', 'verify-2', 'verify-3'),
  part: fc.integer({ min: 1, max: 20 }),
});
