import { LedgerFault } from '../../src/ledger/errors';
import type { Ledger } from '../../src/ledger/ports';
import { SettingsError, parseSettings } from '../../src/settings';
import { signatures } from '../../src/signatures';
import { healthDoor } from '../../src/triggers/health';
import type { OpenToolbox } from '../../src/activities/toolbox';
import { fakeWorld, spoil, type FakeWorld } from '../activities/support/fakes';
import { vmKey } from '../activities/support/repair';
import { answerOf, fakeStarter } from './support/door';
import { fakeParkedSignals } from './support/parked-signals';

const secret = 'AccountKey=c2VjcmV0';
const { starter } = fakeStarter();

/** The answer of a door that has not answered before. */
async function healthOf(world: FakeWorld, open: OpenToolbox = () => Promise.resolve(world.tools)) {
  return answerOf(await healthDoor(open)(starter, world.tools.log));
}

function withLedger(world: FakeWorld, ledger: Partial<Ledger>): OpenToolbox {
  return () => Promise.resolve({ ...world.tools, ledger: { ...world.tools.ledger, ...ledger } });
}

const names = ['tables', 'blobs', 'leases', 'repairs', 'kill-switch', 'parked-signals', 'durable-engine'];
const never = () => new Promise<never>(() => undefined);

describe('triggers/health', () => {
  it('says that all is well, what was checked and what can be recognised', async () => {
    expect(await healthOf(fakeWorld())).toEqual({
      status: 200,
      body: {
        status: 'healthy',
        ledger: 'reachable',
        killSwitch: 'off',
        checks: names.map((name) => ({ name, status: 'ok' })),
        signatures: signatures.map(({ id }) => id),
      },
    });
  });

  it('says that the kill switch is on, and not who turned it or why', async () => {
    const world = fakeWorld();
    const at = '2026-01-02T03:04:05.000Z';
    await world.tools.ledger.setKillSwitch({ on: true, reason: 'storm', by: 'alice', at });
    const answer = await healthOf(world);
    expect(answer).toMatchObject({ status: 200, body: { killSwitch: 'on' } });
    expect(JSON.stringify(answer)).not.toMatch(/alice|storm/);
  });

  it('names wrong settings and never their values', async () => {
    const world = fakeWorld();
    const answer = await healthOf(world, () => Promise.reject(settingsError({ ARM_ENDPOINT: secret })));
    expect(answer).toMatchObject({
      status: 503,
      body: {
        status: 'unhealthy',
        reason: expect.stringContaining('ARM_ENDPOINT') as unknown,
        checks: [{ name: 'settings', code: 'settings' }],
      },
    });
    expect(JSON.stringify(answer)).not.toContain('AccountKey');
  });

  it('says that the ledger cannot be reached, and nothing of how it was tried', async () => {
    const world = fakeWorld();
    const fault = new LedgerFault(`connect ECONNREFUSED 10.0.0.9 ${secret}`, { code: 'REQUEST_SEND_ERROR' });
    const answer = await healthOf(world, () => Promise.reject(fault));
    expect(answer).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', checks: [{ name: 'ledger', code: 'unreachable' }] },
    });
    expect(JSON.stringify(answer)).not.toMatch(/10\.0\.0\.9|AccountKey/);
    expect(world.logged).toMatchObject([{ event: 'healthCheckFailed', fields: { check: 'ledger' } }]);
  });

  it.each<[string, keyof Ledger, string | undefined, string]>([
    ['tables', 'writeAndReadRows', 'AuthorizationPermissionMismatch', 'forbidden'],
    ['tables', 'writeAndReadRows', 'TableNotFound', 'missing'],
    ['tables', 'writeAndReadRows', undefined, 'unreachable'],
    ['blobs', 'writeAndReadBlob', 'AuthorizationFailure', 'forbidden'],
    ['blobs', 'writeAndReadBlob', 'ContainerNotFound', 'missing'],
    ['blobs', 'writeAndReadBlob', 'UnreadableDocument', 'unreadable'],
    ['leases', 'listLeases', 'ENOTFOUND', 'unreachable'],
    ['leases', 'listLeases', 'OperationTimedOut', 'refused'],
    ['repairs', 'listRepairs', 'TableBeingDeleted', 'refused'],
    ['kill-switch', 'getKillSwitch', 'UnreadableRow', 'unreadable'],
  ])('names the check %s when %s fails with %s, as %s, with what to do', async (name, call, code, told) => {
    const world = fakeWorld();
    const failing = { [call]: () => Promise.reject(new LedgerFault(secret, { code })) };
    const answer = await healthOf(world, withLedger(world, failing));
    expect(answer.status).toBe(503);
    const { checks, reason } = answer.body as { checks: { name: string; status: string }[]; reason: string };
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([
      { name, status: 'failed', code: told, advice: expect.stringMatching(/\w{3}/) as string },
    ]);
    expect(checks.map((check) => check.name)).toEqual(names);
    expect(reason).toContain(`${name} (${told})`);
    expect(JSON.stringify(answer)).not.toContain('AccountKey');
  });

  it('names the queue of parked alerts when it does not answer, where there is one', async () => {
    const world = fakeWorld();
    const parked = fakeParkedSignals();
    world.tools.parkedSignals = parked.queue;
    expect((await healthOf(world)).status).toBe(200);
    parked.fault = new LedgerFault(secret, { code: 'AuthorizationPermissionMismatch' });
    expect(await healthOf(world)).toMatchObject({
      status: 503,
      body: { reason: expect.stringContaining('parked-signals (forbidden)') as string },
    });
  });

  it('names the durable engine when it does not answer', async () => {
    const world = fakeWorld();
    const silent = { ...starter, look: () => Promise.reject(new Error(secret)) };
    const answer = answerOf(await healthDoor(() => Promise.resolve(world.tools))(silent, world.tools.log));
    expect(answer).toMatchObject({ status: 503, body: { reason: expect.stringContaining('engine-silent') as string } });
  });

  it('is not healthy while rows cannot be read, counts them, and names none', async () => {
    const world = fakeWorld();
    spoil(world, 'lease', vmKey);
    spoil(world, 'repair', 'health');
    const answer = await healthOf(world);
    expect(answer).toMatchObject({ status: 200, body: { status: 'degraded', unreadableRows: 2 } });
    expect(JSON.stringify(answer)).not.toContain(vmKey);
  });
});

describe('triggers/health: what anybody may call', () => {
  it('looks once for all who ask at a time, and again when the answer is old', async () => {
    const world = fakeWorld();
    let [looks, time] = [0, 0];
    const writeAndReadRows = () => {
      looks += 1;
      return Promise.resolve();
    };
    const door = healthDoor(withLedger(world, { writeAndReadRows }), { keptMs: 10_000, now: () => time });
    await Promise.all(Array.from({ length: 50 }, () => door(starter, world.tools.log)));
    time = 9_999;
    await door(starter, world.tools.log);
    expect(looks).toBe(1);
    time = 10_000;
    await settle();
    await door(starter, world.tools.log);
    expect(looks).toBe(2);
  });

  it('answers when its time is over, and begins nothing more while a call still hangs', async () => {
    const world = fakeWorld();
    let looks = 0;
    let release: () => void = () => undefined;
    const listLeases = () => {
      looks += 1;
      return new Promise<Awaited<ReturnType<Ledger['listLeases']>>>((resolve) => {
        release = () => resolve({ rows: [], unreadable: [] });
      });
    };
    const door = healthDoor(withLedger(world, { listLeases }), { deadlineMs: 20, keptMs: 0 });
    expect(answerOf(await door(starter, world.tools.log))).toMatchObject({
      status: 503,
      body: { reason: expect.stringContaining('leases (late)') as string },
    });
    await settle();
    expect(answerOf(await door(starter, world.tools.log))).toMatchObject({ status: 503 });
    expect(looks).toBe(1);
    release();
    await settle();
    await door(starter, world.tools.log);
    expect(looks).toBe(2);
    release();
  });

  it('answers when the settings and the store do not even open in time', async () => {
    const world = fakeWorld();
    const door = healthDoor(never, { deadlineMs: 20 });
    expect(answerOf(await door(starter, world.tools.log))).toMatchObject({
      status: 503,
      body: { checks: [{ name: 'ledger', code: 'late' }] },
    });
  });
});

/** Lets what was answered be followed by what is done after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settingsError(variables: Record<string, string>): Error {
  try {
    parseSettings(variables);
  } catch (error) {
    if (error instanceof SettingsError) return error;
  }
  throw new Error('These settings are not wrong.');
}
