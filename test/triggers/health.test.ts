import { signatures } from '../../src/signatures';
import { SettingsError, parseSettings } from '../../src/settings';
import { showHealth } from '../../src/triggers/health';
import { fakeWorld } from '../activities/support/fakes';
import { answerOf } from './support/door';

const secret = 'AccountKey=c2VjcmV0';

describe('triggers/health', () => {
  it('says that all is well and what can be recognised', async () => {
    const { tools } = fakeWorld();
    expect(answerOf(await showHealth(() => Promise.resolve(tools)))).toEqual({
      status: 200,
      body: {
        status: 'healthy',
        ledger: 'reachable',
        killSwitch: 'off',
        signatures: signatures.map(({ id }) => id),
      },
    });
  });

  it('says that the kill switch is on, and not who turned it or why', async () => {
    const { tools } = fakeWorld();
    await tools.ledger.setKillSwitch({ on: true, reason: 'storm', by: 'alice', at: '2026-01-02T03:04:05.000Z' });
    const answer = answerOf(await showHealth(() => Promise.resolve(tools)));
    expect(answer).toMatchObject({ status: 200, body: { killSwitch: 'on' } });
    expect(JSON.stringify(answer)).not.toMatch(/alice|storm/);
  });

  it('names wrong settings and never their values', async () => {
    const open = () => Promise.reject(settingsError({ ARM_ENDPOINT: secret }));
    const answer = answerOf(await showHealth(open));
    expect(answer).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', reason: expect.stringContaining('ARM_ENDPOINT') as unknown },
    });
    expect(JSON.stringify(answer)).not.toContain('AccountKey');
  });

  it('says that the ledger cannot be reached, and nothing of how it was tried', async () => {
    const world = fakeWorld();
    world.ledgerFault = new Error(`connect ECONNREFUSED 10.0.0.9 ${secret}`);
    expect(answerOf(await showHealth(() => Promise.resolve(world.tools)))).toEqual({
      status: 503,
      body: { status: 'unhealthy', reason: 'The ledger cannot be reached.' },
    });
  });
});

function settingsError(variables: Record<string, string>): Error {
  try {
    parseSettings(variables);
  } catch (error) {
    if (error instanceof SettingsError) return error;
  }
  throw new Error('These settings are not wrong.');
}
