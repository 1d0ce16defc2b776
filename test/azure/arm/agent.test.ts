import type { VirtualMachineInstanceView } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import { readAgent } from '../../../src/azure/arm/agent';

const now = Date.parse('2026-01-02T03:04:05.000Z');

describe('azure/arm/agent', () => {
  it('is usable when it is Ready and has just reported', () => {
    expect(readAgent(view({ ageMs: 30_000 }), now)).toEqual({
      usable: true,
      reason: 'The guest agent is Ready and its report is fresh.',
      reportedAt: '2026-01-02T03:03:35.000Z',
    });
  });

  it('is usable up to five minutes after its report, and no longer', () => {
    expect(readAgent(view({ ageMs: 300_000 }), now)).toMatchObject({ usable: true });
    expect(readAgent(view({ ageMs: 300_001 }), now)).toMatchObject({
      usable: false,
      reason: 'The guest agent was Ready, but its last report is 5 minutes old.',
    });
  });

  it.each([
    ['Not Ready', 'ProvisioningState/Unavailable', 'VM status blob is found but not yet populated.'],
    ['Not Ready', 'ProvisioningState/succeeded', undefined],
    ['Ready', 'ProvisioningState/transitioning', undefined],
  ])('is not usable when it says %s with %s', (displayStatus, code, message) => {
    const agent = readAgent(view({ ageMs: 0, displayStatus, code, message }), now);
    expect(agent.usable).toBe(false);
    expect(agent.reason).toContain(message ?? displayStatus);
  });

  it.each<[string, VirtualMachineInstanceView | undefined]>([
    ['no instance view', undefined],
    ['no agent', {}],
    ['no status', { vmAgent: { statuses: [] } }],
  ])('is not usable with %s', (_what, given) => {
    expect(readAgent(given, now)).toEqual({
      usable: false,
      missing: true,
      reason: 'The instance view has no report of the guest agent.',
    });
  });

  it.each([{ displayStatus: 'Ready' }, { code: 'ProvisioningState/succeeded' }, {}])(
    'is not known where the report lacks a part: %j',
    (status) => {
      expect(readAgent({ vmAgent: { statuses: [status] } }, now)).toMatchObject({ usable: false, missing: true });
    },
  );

  it('is not known when its report has no time', () => {
    const statuses = [{ code: 'ProvisioningState/succeeded', displayStatus: 'Ready' }];
    expect(readAgent({ vmAgent: { statuses } }, now)).toMatchObject({
      usable: false,
      missing: true,
      reason: expect.stringContaining('no time'),
    });
  });

  it('bounds what it quotes', () => {
    const agent = readAgent(view({ ageMs: 0, displayStatus: 'Not Ready', message: 'x'.repeat(10_000) }), now);
    expect(agent.reason.length).toBeLessThan(400);
  });
});

function view(given: {
  ageMs: number;
  displayStatus?: string;
  code?: string;
  message?: string;
}): VirtualMachineInstanceView {
  const { ageMs, displayStatus = 'Ready', code = 'ProvisioningState/succeeded', message } = given;
  return { vmAgent: { statuses: [{ code, displayStatus, message, time: new Date(now - ageMs) }] } };
}
