import fc from 'fast-check';
import { readCommonAlert } from '../../src/triggers/common-alert';
import { vmId } from '../azure/machine';
import { alertPayload, withEssentials, type AlertPayload } from './door';

const fired = alertPayload('metric-fired');
const targets = '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups';
const gen2 = `${targets}/pipelinealertrg/providers/microsoft.compute/virtualmachines/wcus-r2-gen2`;

describe('triggers/common-alert', () => {
  it.each([
    ['metric-fired', 'WCUS-R2-Gen2', 'Fired', gen2],
    ['metric-resolved', 'WCUS-R2-Gen2', 'Resolved', gen2],
    [
      'log-v2',
      'test-logAlertRule-v2',
      'Fired',
      `${targets}/test-rg/providers/microsoft.compute/virtualmachines/test-computer`,
    ],
  ])('reads %s', (name, title, condition, id) => {
    expect(alertOf(alertPayload(name))).toMatchObject({ title, condition, vmId: id, ignored: undefined });
  });

  it.each(['activity-log', 'resource-health'])('reads %s, which counts when its rule is listed', (name) => {
    const ruleId = '/subscriptions/s/resourceGroups/rg/providers/microsoft.insights/activityLogAlerts/rule';
    const payload = withEssentials(alertPayload(name), { alertRuleId: ruleId });
    expect(alertOf(payload).ignored?.code).toBe('rule-not-listed');
    expect(alertOf(payload, [ruleId.toLowerCase()])).toMatchObject({
      vmId: `${targets}/test-rg/providers/microsoft.compute/virtualmachines/test-vm`,
      ignored: undefined,
    });
  });

  it('knows a test of the action group before anything else', () => {
    expect(alertOf(alertPayload('test-action-group')).ignored?.code).toBe('test-notification');
  });

  it.each([
    ['log-v2-workspace', 'no-virtual-machine'],
    ['activity-log', 'rule-not-listed'],
  ])('ignores %s as %s', (name, code) => {
    expect(alertOf(alertPayload(name)).ignored?.code).toBe(code);
  });

  it.each([
    ['not-common-schema', 'turn on "common alert schema" in the action group'],
    ['test-budget', 'data.essentials.monitorCondition'],
  ])('says what is wrong with %s', (name, reason) => {
    expect(readCommonAlert(alertPayload(name), [])).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it.each([undefined, null, 5, 'text', [], {}, { schemaId: 'azureMonitorCommonAlertSchema' }])(
    'refuses %j',
    (payload) => {
      expect(readCommonAlert(payload, [])).toMatchObject({ ok: false });
    },
  );

  it.each([
    { alertId: '' },
    { alertId: 'x'.repeat(2049) },
    { alertRule: 'x'.repeat(1025) },
    { monitorCondition: 'fired' },
    { monitorCondition: 'Acknowledged' },
    { alertTargetIDs: [5] },
    { alertTargetIDs: gen2 },
  ])('refuses essentials with %j', (essentials) => {
    expect(readCommonAlert(withEssentials(fired, essentials), [])).toMatchObject({ ok: false });
  });

  it.each(['severity', 'alertRule', 'alertRuleId', 'monitoringService', 'firedDateTime', 'originAlertId'])(
    'does not need %s',
    (name) => {
      expect(alertOf(withEssentials(fired, { [name]: null })).vmId).toBe(gen2);
      expect(alertOf(withEssentials(fired, { [name]: undefined })).vmId).toBe(gen2);
    },
  );

  it.each([
    ['no targets', null],
    ['an empty list', []],
    ['a workspace', ['/subscriptions/s/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/w']],
    ['a VM with more after it', [`${gen2}/extensions/x`]],
    ['traversal', [`${targets}/../providers/microsoft.compute/virtualmachines/vm`]],
    ['a shell’s words', [`${gen2};id`]],
    ['markup', [`<b>${gen2}</b>`]],
  ])('names no VM with %s', (_what, alertTargetIDs) => {
    expect(alertOf(withEssentials(fired, { alertTargetIDs }))).toMatchObject({
      vmId: undefined,
      ignored: { code: 'no-virtual-machine' },
    });
  });

  it('takes one VM that is named twice for one, and two for too many', () => {
    expect(alertOf(withEssentials(fired, { alertTargetIDs: [vmId, vmId.toUpperCase()] })).vmId).toBe(
      vmId.toLowerCase(),
    );
    expect(alertOf(withEssentials(fired, { alertTargetIDs: [vmId, gen2] }))).toMatchObject({
      vmId: undefined,
      ignored: { code: 'several-virtual-machines', reason: expect.stringContaining('2 virtual machines') },
    });
  });

  it.each<[string, Partial<AlertPayload['data']>]>([
    ['customProperties', { customProperties: { 'RDP-Lifeline': 'x' } }],
    ['alertContext.properties', { customProperties: undefined, alertContext: { properties: { 'rdp-lifeline': 'x' } } }],
  ])('counts by the custom property in %s, in any case', (_where, data) => {
    expect(alertOf({ ...fired, data: { ...fired.data, ...data } }).ignored).toBeUndefined();
  });

  it.each([null, 'rdp-lifeline', ['rdp-lifeline'], {}, { other: 'rdp-lifeline' }, 7, { 'rdp-lifeline': ' Off' }])(
    'does not count by the custom properties %j',
    (customProperties) => {
      const payload = { ...fired, data: { ...fired.data, customProperties } };
      expect(alertOf(payload).ignored?.code).toBe('rule-not-listed');
    },
  );

  it('counts by a listed rule in any case, and by no other', () => {
    const payload = { ...fired, data: { ...fired.data, customProperties: null } };
    const ruleId = String(fired.data.essentials.alertRuleId);
    expect(alertOf(payload, [ruleId.toLowerCase()]).ignored).toBeUndefined();
    expect(alertOf(payload, [`${ruleId.toLowerCase()}-2`]).ignored?.code).toBe('rule-not-listed');
    expect(alertOf(withEssentials(payload, { alertRuleId: null }), [ruleId]).ignored?.code).toBe('rule-not-listed');
  });

  it('has one key for redeliveries of one occasion, and others for every other', () => {
    const keyOf = (essentials: Record<string, unknown>) => alertOf(withEssentials(fired, essentials)).key;
    const key = keyOf({});
    expect(keyOf({ severity: 'Sev0', description: 'again' })).toBe(key);
    const others = [{ alertId: 'other' }, { monitorCondition: 'Resolved' }, { firedDateTime: '2020-01-01T00:00:00Z' }];
    expect(new Set([key, ...others.map(keyOf)]).size).toBe(4);
    expect(key).toMatch(/^[0-9a-f]{40}$/);
  });

  it('keeps a few facts and never the context, which may hold claims', () => {
    const { facts } = alertOf(alertPayload('activity-log'));
    expect(Object.keys(facts).sort()).toEqual([
      'alertId',
      'firedDateTime',
      'monitorCondition',
      'monitoringService',
      'severity',
    ]);
    expect(JSON.stringify(alertOf(alertPayload('activity-log')))).not.toMatch(/claims|caller|user-email/);
  });

  it('never throws, whatever arrives', () => {
    const essentials = fc.dictionary(
      fc.constantFrom('alertId', 'alertTargetIDs', 'monitorCondition', 'alertRuleId', '__proto__'),
      fc.oneof(fc.jsonValue(), fc.constantFrom('Fired', gen2)),
    );
    const envelope = fc.record({
      schemaId: fc.constant('azureMonitorCommonAlertSchema'),
      data: fc.record({ essentials, alertContext: fc.jsonValue(), customProperties: fc.jsonValue() }),
    });
    fc.assert(
      fc.property(fc.oneof(envelope, fc.jsonValue()), (payload) => {
        const reading = readCommonAlert(payload, []);
        expect(reading.ok ? reading.alert.key : reading.reason).toMatch(/./);
      }),
    );
  });
});

function alertOf(payload: AlertPayload, ruleIds: string[] = []) {
  const reading = readCommonAlert(payload, ruleIds);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.alert;
}
