import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptsVersion } from '../../../local/host/durable/versions';
import { parseHostJson } from '../../../local/host/host-json';
import { isKey, loadKeys } from '../../../local/host/keys';
import { readLogLevel } from '../../../local/host/log';
import { temporaryFolder } from '../../conformance/support/test-host';

describe('local/host/settings: host.json', () => {
  it('has defaults for everything', () => {
    expect(parseHostJson(undefined)).toMatchObject({
      functionTimeout: Infinity,
      routePrefix: 'api',
      durable: { overridableExistingInstanceStates: 'NonRunningStates', versionMatchStrategy: 'CurrentOrOlder' },
    });
  });

  it('is honoured where it is known and ignored elsewhere', () => {
    process.env.TEST_HUB = 'hub';
    const settings = parseHostJson({
      version: '2.0',
      functionTimeout: '00:10:30',
      extensionBundle: { id: 'x', version: '[4, 5)' },
      extensions: {
        http: { routePrefix: '/v1/', dynamicThrottlesEnabled: true },
        durableTask: { hubName: '%TEST_HUB%', maxConcurrentActivityFunctions: 3, tracing: { a: 1 } },
      },
    });
    delete process.env.TEST_HUB;
    expect(settings).toMatchObject({ functionTimeout: 630_000, routePrefix: 'v1' });
    expect(settings.durable).toMatchObject({ hubName: 'hub', maxConcurrentActivityFunctions: 3 });
  });

  it.each([
    [{ functionTimeout: '-1' }, Infinity],
    [{ functionTimeout: '1.00:00:00' }, 86_400_000],
  ])('understands the time span of %j', (content, expected) => {
    expect(parseHostJson(content).functionTimeout).toBe(expected);
  });

  it('is refused where it is not understood, naming the setting', () => {
    expect(() => parseHostJson({ functionTimeout: 'soon' })).toThrow(/'soon' is no time span.*\n.*functionTimeout/);
    const durableTask = { maxConcurrentActivityFunctions: 0 };
    expect(() => parseHostJson({ extensions: { durableTask } })).toThrow(/maxConcurrentActivityFunctions/);
  });
});

describe('local/host/settings: versions', () => {
  const settings = (versionMatchStrategy: 'None' | 'Strict' | 'CurrentOrOlder', defaultVersion?: string) => ({
    ...parseHostJson({}).durable,
    versionMatchStrategy,
    defaultVersion,
  });

  it.each([
    ['CurrentOrOlder', '1.10', '1.9', true],
    ['CurrentOrOlder', '1.10', '1.10.0', true],
    ['CurrentOrOlder', '1.10', '1.11', false],
    ['CurrentOrOlder', '1.10', null, true],
    ['Strict', '1.10', '1.9', false],
    ['Strict', '1.10', '1.10', true],
    ['None', '1.10', '9', true],
    ['CurrentOrOlder', undefined, '9', true],
    ['CurrentOrOlder', 'beta', 'ALPHA', true],
    ['CurrentOrOlder', 'alpha', 'beta', false],
  ] as const)('%s at %s: %s is accepted: %s', (strategy, current, version, expected) => {
    expect(acceptsVersion(settings(strategy, current), version)).toBe(expected);
  });
});

describe('local/host/settings: keys', () => {
  it('are made once, for the owner only, and found again', () => {
    const folder = temporaryFolder();
    const keys = loadKeys(folder);
    expect(loadKeys(folder)).toEqual(keys);
    const file = path.join(folder, 'keys.json');
    expect(existsSync(file)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { master, system, function: functionKeys } = keys;
    const all = [master, system.durabletask_extension, system.eventgrid_extension, functionKeys.default];
    expect(new Set(all).size).toBe(4);
    expect(all.every((key) => key.length >= 40)).toBe(true);
  });

  it('that are damaged are refused with a hint', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'keys.json'), '{"master":""}');
    expect(() => loadKeys(folder)).toThrow(/damaged; delete it/);
  });

  it('are compared as a whole', () => {
    expect(isKey('abc', ['xyz', 'abc'])).toBe(true);
    expect(isKey('abcd', ['abc'])).toBe(false);
    expect(isKey('', [''])).toBe(false);
    expect(isKey(undefined, ['abc'])).toBe(false);
  });
});

describe('local/host/settings: HOST_LOG_LEVEL', () => {
  it('is warn by default and one of four levels', () => {
    expect(readLogLevel({})).toBe('warn');
    expect(readLogLevel({ HOST_LOG_LEVEL: 'debug' })).toBe('debug');
    expect(() => readLogLevel({ HOST_LOG_LEVEL: 'loud' })).toThrow(/must be one of error, warn, info, debug/);
  });
});
