import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readCommonAlert } from '../../src/triggers/common-alert';
import { vmId } from '../azure/support/machine';
import { alertPayload, withEssentials, type AlertPayload } from './support/door';

const fired = alertPayload('metric-fired');
const targets = '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups';
const gen2 = `${targets}/pipelinealertrg/providers/microsoft.compute/virtualmachines/wcus-r2-gen2`;

const folder = join(__dirname, '../../fixtures/alerts');
const testVm = `${targets}/test-rg/providers/microsoft.compute/virtualmachines/test-vm`;
const testComputer = `${targets}/test-rg/providers/microsoft.compute/virtualmachines/test-computer`;

/** What is read of each saved payload whose rule is listed: the condition, the one VM, and why it is not acted on. */
const payloads: { name: string; condition: 'Fired' | 'Resolved'; vmId?: string; vmName?: string; code?: string }[] = [
  { name: 'metric-fired', condition: 'Fired', vmId: gen2 },
  { name: 'metric-resolved', condition: 'Resolved', vmId: gen2 },
  { name: 'availability-fired', condition: 'Fired', vmId: testVm },
  { name: 'availability-resolved', condition: 'Resolved', vmId: testVm },
  { name: 'metric-dimensions', condition: 'Fired', vmId: testVm },
  { name: 'metric-dynamic', condition: 'Fired', code: 'no-virtual-machine' },
  { name: 'metric-availability-test', condition: 'Fired', code: 'no-virtual-machine' },
  { name: 'connection-monitor-fired', condition: 'Fired', vmId: testVm },
  { name: 'connection-monitor-resolved', condition: 'Resolved', vmId: testVm },
  { name: 'connection-monitor-name', condition: 'Fired', vmName: 'test-vm' },
  { name: 'log-v1', condition: 'Fired', vmName: 'test-computer' },
  { name: 'log-v2', condition: 'Fired', vmId: testComputer },
  { name: 'log-v2-resource-id', condition: 'Fired', vmId: testVm },
  { name: 'log-v2-resolved', condition: 'Resolved', vmId: testVm },
  { name: 'log-v2-workspace', condition: 'Fired', vmName: 'test-computer' },
  { name: 'activity-log', condition: 'Fired', vmId: testVm },
  { name: 'service-health', condition: 'Fired', code: 'service-not-handled' },
  { name: 'resource-health', condition: 'Fired', vmId: testVm, code: 'user-initiated' },
  { name: 'resource-health-platform', condition: 'Fired', vmId: testVm },
  { name: 'resource-health-degraded', condition: 'Fired', vmId: testVm, code: 'not-unavailable' },
  { name: 'resource-health-available', condition: 'Resolved', vmId: testVm },
  { name: 'prometheus', condition: 'Fired', code: 'no-virtual-machine' },
  {
    name: 'test-action-group',
    condition: 'Fired',
    vmId: alertOf(alertPayload('test-action-group')).vmId,
    code: 'test-notification',
  },
];
const unreadable = ['not-common-schema', 'test-budget'];

describe('triggers/common-alert', () => {
  it.each(payloads)('reads $name', ({ name, condition, vmId: id, vmName, code }) => {
    const { ignored, ...alert } = alertOf(alertPayload(name), [everyRule(name)]);
    expect({ condition: alert.condition, vmId: alert.vmId, vmName: alert.vmName, code: ignored?.code }).toEqual({
      condition,
      vmId: id,
      vmName,
      code,
    });
    expect(alert.title).toMatch(/./);
  });

  it('has an expectation of every saved payload, and an origin', () => {
    const saved = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
    expect([...payloads.map(({ name }) => name), ...unreadable].sort()).toEqual(saved.sort());
    const origins = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(saved.filter((name) => !origins.includes(`\`${name}.json\``))).toEqual([]);
  });

  it.each(['log-v2', 'connection-monitor-fired', 'resource-health-platform'])(
    'acts on no %s that is not asked for',
    (name) => {
      const payload = alertPayload(name);
      const context = { ...(payload.data.alertContext as object), properties: null };
      const alert = alertOf({ ...payload, data: { ...payload.data, alertContext: context, customProperties: null } });
      expect(alert.ignored?.code).toBe('rule-not-listed');
    },
  );

  it('never takes the source of a broken connection for the machine', () => {
    const { subject } = dimensionsOf('Microsoft.Network/networkWatchers/connectionMonitors', [
      { name: 'SourceResourceId', value: gen2 },
    ]);
    expect(subject).toMatchObject({ vmId: undefined, ignored: { code: 'no-virtual-machine' } });
  });

  it('refuses two conditions, or a dimension and a target, that name two machines', () => {
    const { subject } = dimensionsOf(null, [{ name: '_ResourceId', value: vmId }], [gen2]);
    expect(subject.ignored?.code).toBe('several-virtual-machines');
  });

  it.each([
    ['no list', 'x'],
    ['a number', [5]],
    ['a name without a value', [{ name: '_ResourceId' }]],
    ['a value of another type', [{ name: '_ResourceId', value: { toString: 'x' } }]],
    ['an id with more after it', [{ name: '_ResourceId', value: `${gen2}/extensions/x` }]],
    ['the id of something else', [{ name: '_ResourceId', value: gen2.replace('virtualmachines', 'disks') }]],
    ['a GUID', [{ name: 'ResourceId', value: 'b1b1b1b1-cccc-dddd-eeee-f2f2f2f2f2f2' }]],
    ['another dimension', [{ name: 'Owner', value: gen2 }]],
  ])('reads no machine from dimensions that are %s', (_what, dimensions) => {
    const { subject } = dimensionsOf(null, dimensions);
    expect(subject).toMatchObject({ vmId: undefined, ignored: { code: 'no-virtual-machine' } });
  });

  it.each([
    "x' or 1 == 1",
    'a|b',
    '',
    '.',
    '..',
    '-vm',
    'vm\n',
    'ＶＭ',
    '\u212Aube',
    'x'.repeat(300),
    '__proto__ x',
    '/etc',
  ])('takes no computer’s name that is %j', (value) => {
    const { subject } = dimensionsOf(null, [{ name: 'Computer', value }]);
    expect(subject).toMatchObject({ vmName: undefined, ignored: { code: 'no-virtual-machine' } });
  });

  it('takes an id before any name, and two names for two machines', () => {
    const computer = { name: 'Computer', value: 'other.contoso.com' };
    expect(dimensionsOf(null, [computer], [gen2]).subject).toMatchObject({ vmId: gen2, vmName: undefined });
    expect(dimensionsOf(null, [computer]).subject).toMatchObject({ vmName: 'other.contoso.com', ignored: undefined });
    const two = dimensionsOf(null, [computer, { name: 'computer', value: 'third' }]).subject;
    expect(two.ignored?.code).toBe('several-virtual-machines');
  });

  it.each(['x', 5, null, [], { condition: 5 }, { condition: { allOf: 'x' } }, { condition: { allOf: [5, null, {}] } }])(
    'reads an alert whose context is %j by its target',
    (alertContext) => {
      expect(alertOf({ ...fired, data: { ...fired.data, alertContext } }).vmId).toBe(gen2);
    },
  );

  it.each([
    [{ currentHealthStatus: 'Unavailable', cause: 'User Initiated' }, 'user-initiated'],
    [{ currentHealthStatus: 'Unavailable', cause: 'Unknown' }, undefined],
    [{ currentHealthStatus: 'unavailable' }, undefined],
    [{ currentHealthStatus: 'Unknown', cause: 'PlatformInitiated' }, 'not-unavailable'],
    [{ currentHealthStatus: 7 }, 'not-unavailable'],
    [{}, 'not-unavailable'],
    [null, 'not-unavailable'],
    ['text', 'not-unavailable'],
  ])('weighs Resource Health’s %j', (properties, code) => {
    const payload = alertPayload('resource-health-platform');
    const alertContext = { properties };
    expect(alertOf({ ...payload, data: { ...payload.data, alertContext } }).ignored?.code).toBe(code);
  });

  it('knows a test of the action group before anything else', () => {
    expect(alertOf(alertPayload('test-action-group')).ignored?.code).toBe('test-notification');
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
    { monitorCondition: 'Acknowledged' },
    { monitorCondition: 5 },
  ])('refuses essentials with %j', (essentials) => {
    expect(readCommonAlert(withEssentials(fired, essentials), [])).toMatchObject({ ok: false });
  });

  it.each([
    'severity',
    'alertRule',
    'alertRuleID',
    'monitoringService',
    'firedDateTime',
    'originAlertId',
    'description',
  ])('is not lost over %s, whatever is in it', (name) => {
    for (const value of [null, undefined, 5, ['x'], { x: 1 }, true, 'x'.repeat(100_000), '\u0000\u202e']) {
      expect(alertOf(withEssentials(fired, { [name]: value })).vmId).toBe(gen2);
    }
  });

  it.each([
    ['alertRuleID', 'alertRuleId'],
    ['alertRuleID', 'AlertRuleId'],
    ['alertTargetIDs', 'alertTargetIds'],
    ['monitorCondition', 'MonitorCondition'],
    ['alertId', 'alertID'],
    ['configurationItems', 'ConfigurationItems'],
  ])('reads %s spelt %s', (deliveredAs, otherwise) => {
    const payload = alertPayload('log-v2-workspace');
    const { [deliveredAs]: value, ...rest } = { ...payload.data.essentials, alertTargetIDs: [gen2] } as Record<
      string,
      unknown
    >;
    const respelt = { ...payload, data: { ...payload.data, essentials: { ...rest, [otherwise]: value } } };
    expect(alertOf(respelt)).toEqual(alertOf(withEssentials(payload, { alertTargetIDs: [gen2] })));
  });

  it('reads the envelope and the dimensions whatever the case of their keys', () => {
    const respell = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(respell)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toUpperCase(), respell(one)]))
          : value;
    for (const { name } of payloads) {
      const payload = alertPayload(name);
      expect(alertOf(respell(payload) as AlertPayload, [everyRule(name)])).toEqual(alertOf(payload, [everyRule(name)]));
    }
  });

  it('takes a key in the delivered spelling before another, so that a second one changes nothing', () => {
    const both = withEssentials(fired, { alertTargetIDs: [gen2], ALERTTARGETIDS: [`${gen2}-other`] });
    expect(alertOf(both).vmId).toBe(gen2);
  });

  it.each([
    ['no list of targets', gen2],
    ['targets that are no texts', [5, { gen2 }]],
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

  it.each([
    null,
    'rdp-lifeline',
    ['rdp-lifeline'],
    {},
    { other: 'rdp-lifeline' },
    7,
    { 'rdp-lifeline': ' Off' },
    { 'rdp-lifeline': { toString: 'on', valueOf: 'on' } },
  ])('does not count by the custom properties %j', (customProperties) => {
    const payload = { ...fired, data: { ...fired.data, customProperties } };
    expect(alertOf(payload).ignored?.code).toBe('rule-not-listed');
  });

  it('does not count by a custom property that is nested too deep to be turned into a text', () => {
    const customProperties = { 'rdp-lifeline': deeplyNested(20_000) };
    const payload = { ...fired, data: { ...fired.data, customProperties } };
    expect(alertOf(payload).ignored?.code).toBe('rule-not-listed');
  });

  it('counts by a listed rule in any case, and by no other', () => {
    const payload = { ...fired, data: { ...fired.data, customProperties: null } };
    const ruleId = String(fired.data.essentials.alertRuleID);
    expect(alertOf(payload, [ruleId.toLowerCase()]).ignored).toBeUndefined();
    expect(alertOf(payload, [`${ruleId.toLowerCase()}-2`]).ignored?.code).toBe('rule-not-listed');
    expect(alertOf(withEssentials(payload, { alertRuleID: null }), [ruleId]).ignored?.code).toBe('rule-not-listed');
  });

  it('has one key for redeliveries of one occasion, and others for every other', () => {
    const keyOf = (essentials: Record<string, unknown>) => alertOf(withEssentials(fired, essentials)).key;
    const key = keyOf({});
    expect(keyOf({ severity: 'Sev0', description: 'again' })).toBe(key);
    const instance = String(fired.data.essentials.alertId);
    const below = instance.replace('/providers/', `${gen2.slice(instance.indexOf('/providers/'))}/providers/`);
    expect(keyOf({ alertId: instance.toUpperCase() })).toBe(key);
    expect(keyOf({ alertId: below.replace(/\/resourcegroups\/.*?\/providers/i, '/providers') })).toBe(key);
    const others = [
      { alertId: instance.replace(/.$/, 'f') },
      { monitorCondition: 'Resolved' },
      { alertId: '/subscriptions/s/rule' },
      { alertId: '/subscriptions/s/rule', firedDateTime: '2020-01-01T00:00:00Z' },
    ];
    expect(new Set([key, ...others.map(keyOf)]).size).toBe(5);
    expect(key).toMatch(/^[0-9a-f]{40}$/);
  });

  it.each([
    ['metric-fired', 'firedDateTime', '2019-03-22T13:58:24.371Z'],
    ['metric-resolved', 'resolvedDateTime', '2019-03-22T14:03:16.224Z'],
    ['resource-health', 'eventTimestamp of its context', '2021-11-16T09:50:20.406Z'],
  ])('tells that %s happened at its %s', (name, _field, occurredAt) => {
    expect(alertOf(alertPayload(name)).occurredAt).toBe(occurredAt);
  });

  it.each([undefined, null, 5, '', 'now', '2026-13-01T00:00:00Z', '22/03/2019'])(
    'tells no time of %j',
    (firedDateTime) => {
      expect(alertOf(withEssentials(fired, { firedDateTime })).occurredAt).toBeUndefined();
    },
  );

  it.each([
    ['2026-01-02T03:04:05.1234567Z', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T05:04:05.5+02:00', '2026-01-02T03:04:05.500Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000Z'],
  ])('reads the time %s', (firedDateTime, occurredAt) => {
    expect(alertOf(withEssentials(fired, { firedDateTime })).occurredAt).toBe(occurredAt);
  });

  it.each([
    [{ currentHealthStatus: 'Available', previousHealthStatus: 'Unavailable' }, 'Resolved', undefined],
    [{ currentHealthStatus: 'Available', previousHealthStatus: 'Available' }, 'Fired', 'no-change'],
    [{ currentHealthStatus: 'Available', previousHealthStatus: ' available ' }, 'Fired', 'no-change'],
    [{ currentHealthStatus: 'Available' }, 'Fired', 'no-change'],
    [{ currentHealthStatus: 'Unavailable', previousHealthStatus: 'Unavailable' }, 'Fired', undefined],
    [{ CurrentHealthStatus: 'Available', PreviousHealthStatus: 'Degraded' }, 'Resolved', undefined],
  ])('takes only a change of Resource Health for word that it is over: %j', (properties, condition, code) => {
    const payload = alertPayload('resource-health-available');
    const alert = alertOf({ ...payload, data: { ...payload.data, alertContext: { properties } } });
    expect([alert.condition, alert.ignored?.code]).toEqual([condition, code]);
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

  it('finds the one machine among thousands of targets, and calls thousands of machines several', () => {
    const others = Array.from({ length: 3_000 }, (_none, index) => gen2.replace('virtualmachines', `things${index}`));
    expect(alertOf(withEssentials(fired, { alertTargetIDs: [...others, gen2] })).vmId).toBe(gen2);
    const machines = Array.from({ length: 3_000 }, (_none, index) => `${gen2}-${index}`);
    const several = alertOf(withEssentials(fired, { alertTargetIDs: machines })).ignored;
    expect(several).toMatchObject({ code: 'several-virtual-machines' });
    expect(several?.reason.length).toBeLessThan(500);
  });

  it('takes nothing from the prototype', () => {
    const text = JSON.stringify(fired).replace('"rdp-lifeline"', '"__proto__"');
    const payload = JSON.parse(text) as AlertPayload;
    expect(alertOf(payload).ignored?.code).toBe('rule-not-listed');
    expect(({} as Record<string, unknown>)['rdp-lifeline']).toBeUndefined();
  });

  it('never throws, and acts on one whole id or on nothing, whatever arrives', () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('Fired', 'Resolved', 'Log', gen2, `${gen2}/..`, '__proto__', 'ResourceHealth', 'Unavailable'),
    );
    const keys = [
      'alertId',
      'alertTargetIDs',
      'configurationItems',
      'monitorCondition',
      'monitoringService',
      'signalType',
      'alertRuleId',
      '__proto__',
      'constructor',
    ];
    const dimension = fc.record({ name: fc.oneof(hostile, fc.constant('_ResourceId')), value: hostile });
    const criterion = fc.oneof(hostile, fc.record({ metricNamespace: hostile, dimensions: fc.array(dimension) }));
    const alertContext = fc.oneof(
      hostile,
      fc.record({ properties: hostile, Dimensions: hostile, condition: fc.record({ allOf: fc.array(criterion) }) }),
    );
    const sound = fc.constant(fired.data.essentials);
    const essentials = fc
      .tuple(sound, fc.dictionary(fc.constantFrom(...keys), hostile))
      .map(([given, changed]) => ({ ...given, ...changed }));
    const envelope = fc.record({
      schemaId: fc.constant('azureMonitorCommonAlertSchema'),
      data: fc.record({ essentials, alertContext, customProperties: hostile }),
    });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: envelope }, fc.jsonValue()), (payload) => {
        const reading = readCommonAlert(payload, []);
        if (!reading.ok) return expect(reading.reason).toMatch(/./);
        read += 1;
        expect(reading.alert.key).toMatch(/^[0-9a-f]{40}$/);
        expect([gen2, undefined]).toContain(reading.alert.vmId);
        const { vmId: id, vmName, ignored } = reading.alert;
        expect(vmName ?? 'a').toMatch(/^[a-z0-9_.-]+$/);
        if (!ignored) expect([id, vmName].filter((one) => one !== undefined)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });
});

/** Lists every rule: a sample without the id of its rule counts by the custom property, or not at all. */
function everyRule(name: string): string {
  const { essentials } = alertPayload(name).data;
  const { alertRuleID: ruleId = essentials.alertRuleId } = essentials;
  return typeof ruleId === 'string' ? ruleId.toLowerCase() : '';
}

/** An alert with these dimensions and targets. */
function dimensionsOf(metricNamespace: string | null, dimensions: unknown, alertTargetIDs: string[] = []) {
  const alertContext = { condition: { allOf: [{ metricNamespace, dimensions }] } };
  const payload = withEssentials({ ...fired, data: { ...fired.data, alertContext } }, { alertTargetIDs });
  return { subject: alertOf(payload) };
}

function deeplyNested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function alertOf(payload: AlertPayload, ruleIds: string[] = []) {
  const reading = readCommonAlert(payload, ruleIds);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.alert;
}
