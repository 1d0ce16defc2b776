import fc from 'fast-check';
import { parseSettings, SettingsError, settingNames, type Settings } from '../../src/settings';

const guid = '00000000-0000-0000-0000-00000000000a';
const identityBased = {
  LEDGER_TABLE_SERVICE_URI: 'https://ledger.table.core.windows.net',
  LEDGER_BLOB_SERVICE_URI: 'https://ledger.blob.core.windows.net',
};
const subnetId = `/subscriptions/${guid}/resourceGroups/rg-bench/providers/Microsoft.Network/virtualNetworks/vnet/subnets/recovery`;
const standing = `/subscriptions/${guid}/resourceGroups/rg-rdp-lifeline-workbench/providers/Microsoft.Compute/virtualMachines/vm-rescue`;
const secret = 'AccountKey=c2VjcmV0LXNlY3JldC1zZWNyZXQ=';

/** What each variable gives when nothing is set but where the ledger is. */
const defaults: Settings = {
  ledger: {
    kind: 'identity',
    tableServiceUri: identityBased.LEDGER_TABLE_SERVICE_URI,
    blobServiceUri: identityBased.LEDGER_BLOB_SERVICE_URI,
    clientId: undefined,
  },
  parkedSignals: undefined,
  parkAfterSeconds: 4,
  listFiredAlerts: false,
  observeClientId: undefined,
  repairClientId: undefined,
  armEndpoint: 'https://management.azure.com',
  armAudience: 'https://management.azure.com/.default',
  snapshotBlobHosts: [],
  workbenchResourceGroup: 'rg-rdp-lifeline-workbench',
  allowedSubscriptions: [],
  alertRuleIds: [],
  killSwitch: false,
  maximumMutatingRepairs: 3,
  placeWaitHours: 12,
  resourceTags: {},
  snapshotRetentionDays: 14,
  ledgerRetentionDays: 365,
  historyRetentionDays: 30,
  rdpProbe: 'off',
  recoveryWorkbenches: [],
  recoveryVmSizes: ['Standard_D2s_v5', 'Standard_D2as_v5', 'Standard_D2s_v4', 'Standard_B2ms'],
  standingRecoveryVms: [],
  recoveryEnableSerialConsole: false,
  recoveryEnableCrashDump: false,
  recoveryAlwaysRehearse: false,
};

/** Wrong values of each variable that can be wrong. */
const wrong: [string, string[]][] = [
  ['ARM_ENDPOINT', ['management.azure.com', 'http://management.azure.com', 'javascript:alert(1)', 'https://']],
  ['PARKED_SIGNALS_QUEUE_SERVICE_URI', ['parked', 'http://parked.queue.core.windows.net', 'https://']],
  ['PARK_AFTER_SECONDS', ['0', '121', 'soon']],
  ['LIST_FIRED_ALERTS', ['yes', 'onn']],
  ['SNAPSHOT_BLOB_HOSTS', ['https://blob.core.windows.net', 'blob/x', 'a b', '*.windows.net']],
  ['WORKBENCH_RESOURCE_GROUP', ['rg/other', 'rg workbench', 'rg.', 'x'.repeat(91), '../rg', 'rg\n']],
  ['ALLOWED_SUBSCRIPTIONS', ['my-subscription', `${guid};${guid}`, `${guid},all`, '*']],
  ['PLACE_WAIT_HOURS', ['0', '121', '1.5', 'half a day', '-1']],
  ['MAXIMUM_MUTATING_REPAIRS', ['-1', '101', '1.5', 'three', 'Infinity', '3;']],
  [
    'RESOURCE_TAGS',
    [
      ...['owner', '=shop', 'a=1,owner', '{', '[1]', '{"a":1}', '{"a":null}', 'a/b=1', 'a<b=1', 'a=1,A=2'],
      ...['rdp-lifeline=off', 'RDP-Lifeline-Expires=never', '{"rdp-lifeline-repair":"x"}'],
      ...[`${'n'.repeat(513)}=1`, `a=${'v'.repeat(257)}`, 'a\u0007=1', 'a=1\u0007'],
      Array.from({ length: 48 }, (_, index) => `t${index}=1`).join(','),
    ],
  ],
  ['LEDGER_RETENTION_DAYS', ['29', '3651', '30.5', '-1', 'for ever']],
  ['HISTORY_RETENTION_DAYS', ['0', '3651', '1.5', '-1', 'for ever']],
  ['SNAPSHOT_RETENTION_DAYS', ['0', '366', '1.5', '-1', 'for ever']],
  ['RDP_PROBE', ['on', 'yes', '10.0.0.4', 'public']],
  [
    'RECOVERY_WORKBENCHES',
    ['{', 'westeurope', subnetId, `west/europe=${subnetId}`, 'westeurope=/subscriptions/x', `a=b=${subnetId}`],
  ],
  ['RECOVERY_VM_SIZES', ['Standard D2', 'a;b', '../x']],
  [
    'STANDING_RECOVERY_VMS',
    ['vm-rescue', subnetId, `${standing};${standing}`, standing.replace('rg-rdp-lifeline-workbench', 'rg-app')],
  ],
  ['RECOVERY_ENABLE_SERIAL_CONSOLE', ['yes', 'true', '1', 'on!']],
  ['RECOVERY_ENABLE_CRASH_DUMP', ['yes', 'true', '1', 'on!']],
  ['RECOVERY_ALWAYS_REHEARSE', ['yes', 'true', '1', 'on!']],
];

describe('settings/settings', () => {
  it('start from safe defaults: nobody is allowed, nothing counts', () => {
    expect(parseSettings(identityBased)).toEqual(defaults);
  });

  it('take a blank variable for one that is not set', () => {
    const blanks = Object.fromEntries(settingNames.map((name, index) => [name, index % 2 === 0 ? '' : '  ']));
    expect(parseSettings({ ...blanks, ...identityBased })).toEqual(defaults);
  });

  it('read every variable', () => {
    const settings = parseSettings({
      ...identityBased,
      LEDGER_IDENTITY_CLIENT_ID: ' ledger ',
      PARKED_SIGNALS_QUEUE_SERVICE_URI: 'https://parked.queue.core.windows.net/',
      PARK_AFTER_SECONDS: '10',
      LIST_FIRED_ALERTS: 'on',
      OBSERVE_IDENTITY_CLIENT_ID: 'observe',
      REPAIR_IDENTITY_CLIENT_ID: 'repair',
      ARM_ENDPOINT: 'https://management.usgovcloudapi.net',
      ARM_AUDIENCE: 'https://management.usgovcloudapi.net/.default',
      SNAPSHOT_BLOB_HOSTS: 'blob.core.usgovcloudapi.net, blob.example',
      WORKBENCH_RESOURCE_GROUP: 'RG_(work).bench-1',
      ALLOWED_SUBSCRIPTIONS: ` ${guid.toUpperCase()} ,, `,
      ALERT_RULE_IDS: '/Subscriptions/S/Rule-1,/subscriptions/s/rule-2',
      KILL_SWITCH: 'on',
      MAXIMUM_MUTATING_REPAIRS: '0',
      PLACE_WAIT_HOURS: '120',
      RESOURCE_TAGS: ' owner = shop , costCenter=47=11,empty=',
      SNAPSHOT_RETENTION_DAYS: '365',
      LEDGER_RETENTION_DAYS: '30',
      HISTORY_RETENTION_DAYS: '7',
      RDP_PROBE: 'private-address',
      RECOVERY_WORKBENCHES: ` WestEurope=${subnetId} ,`,
      RECOVERY_VM_SIZES: 'Standard_D2s_v5, Standard_B2ms',
      STANDING_RECOVERY_VMS: ` ${standing.replace('rg-rdp-lifeline-workbench', 'rg_(WORK).bench-1')}, `,
      RECOVERY_ENABLE_SERIAL_CONSOLE: ' On ',
      RECOVERY_ENABLE_CRASH_DUMP: 'on',
      RECOVERY_ALWAYS_REHEARSE: 'on',
    });
    expect(settings).toEqual({
      ledger: { ...defaults.ledger, clientId: 'ledger' },
      parkedSignals: {
        kind: 'identity',
        queueServiceUri: 'https://parked.queue.core.windows.net/',
        clientId: 'ledger',
      },
      parkAfterSeconds: 10,
      listFiredAlerts: true,
      observeClientId: 'observe',
      repairClientId: 'repair',
      armEndpoint: 'https://management.usgovcloudapi.net',
      armAudience: 'https://management.usgovcloudapi.net/.default',
      snapshotBlobHosts: ['blob.core.usgovcloudapi.net', 'blob.example'],
      workbenchResourceGroup: 'RG_(work).bench-1',
      allowedSubscriptions: [guid],
      alertRuleIds: ['/subscriptions/s/rule-1', '/subscriptions/s/rule-2'],
      killSwitch: true,
      maximumMutatingRepairs: 0,
      placeWaitHours: 120,
      resourceTags: { owner: 'shop', costCenter: '47=11', empty: '' },
      snapshotRetentionDays: 365,
      ledgerRetentionDays: 30,
      historyRetentionDays: 7,
      rdpProbe: 'private-address',
      recoveryWorkbenches: [{ subscriptionId: guid, location: 'westeurope', subnetId }],
      recoveryVmSizes: ['Standard_D2s_v5', 'Standard_B2ms'],
      standingRecoveryVms: [standing.replace('rg-rdp-lifeline-workbench', 'rg_(WORK).bench-1')],
      recoveryEnableSerialConsole: true,
      recoveryEnableCrashDump: true,
      recoveryAlwaysRehearse: true,
    });
  });

  it('take tags as a JSON object too, and as many as Azure and our own leave room for', () => {
    const tagsOf = (RESOURCE_TAGS: string) => parseSettings({ ...identityBased, RESOURCE_TAGS }).resourceTags;
    expect(tagsOf('{"team":"a, b","owner":""}')).toEqual({ team: 'a, b', owner: '' });
    const many = Array.from({ length: 47 }, (_, index) => `t${index}=1`).join(',');
    expect(Object.keys(tagsOf(many))).toHaveLength(47);
    expect(Object.keys(tagsOf(`${'n'.repeat(512)}=${'v'.repeat(256)}`))).toHaveLength(1);
  });

  it('keep the ledger by its connection string when there is one', () => {
    const { ledger } = parseSettings({ LEDGER_CONNECTION_STRING: 'UseDevelopmentStorage=true' });
    expect(ledger).toEqual({ kind: 'connection-string', connectionString: 'UseDevelopmentStorage=true' });
  });

  it('ask where the ledger is, and name both variables', () => {
    expect(() => parseSettings({})).toThrow(SettingsError);
    expect(() => parseSettings({})).toThrow(
      /LEDGER_TABLE_SERVICE_URI: is missing.*LEDGER_BLOB_SERVICE_URI: is missing/,
    );
  });

  it.each(['LEDGER_TABLE_SERVICE_URI', 'LEDGER_BLOB_SERVICE_URI'])('refuse a %s that is no https address', (name) => {
    for (const value of ['ledger', 'http://ledger.table.core.windows.net', secret]) {
      expect(() => parseSettings({ ...identityBased, [name]: value })).toThrow(
        new RegExp(`^.*${name}: (?!.*${escape(value)})`),
      );
    }
  });

  it.each(wrong)('name %s when it is wrong, and nothing else', (name, values) => {
    for (const value of values) {
      const problem = problemOf({ ...identityBased, [name]: value });
      expect(problem).toMatch(/^These settings need mending: /);
      expect(settingNames.filter((known) => problem.includes(known))).toEqual([name]);
    }
  });

  it('name every wrong variable at once', () => {
    const all = Object.fromEntries(wrong.map(([name, [value]]) => [name, value]));
    const problem = problemOf(all);
    for (const [name] of wrong) expect(problem).toContain(name);
    expect(problem).toContain('LEDGER_TABLE_SERVICE_URI');
  });

  it('never quote a value: a secret may have slipped into any variable', () => {
    fc.assert(
      fc.property(fc.constantFrom(...settingNames), (name) => {
        const problem = problemOf({ [name]: secret });
        expect(problem).not.toContain('c2VjcmV0');
        expect(problem).not.toContain('AccountKey');
      }),
    );
  });

  it.each(['on', 'ON', 'true', 'yes', '1', 'stop', 'of'])('have the kill switch on at %j', (text) => {
    expect(parseSettings({ ...identityBased, KILL_SWITCH: text }).killSwitch).toBe(true);
  });

  it.each(['off', 'OFF', ' Off '])('have the kill switch off at %j', (text) => {
    expect(parseSettings({ ...identityBased, KILL_SWITCH: text }).killSwitch).toBe(false);
  });
});

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** The error's text, or nothing if the settings were taken. */
function problemOf(variables: Record<string, string | undefined>): string {
  try {
    parseSettings(variables);
    return '';
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}
