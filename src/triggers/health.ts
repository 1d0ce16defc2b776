import type { HttpResponseInit } from '@azure/functions';
import type { OpenToolbox } from '../activities/toolbox';
import { readKillSwitch } from '../activities/authorise';
import { signatures } from '../signatures';
import { SettingsError } from '../settings';
import { json } from './answers';

/**
 * `GET /api/health`: whether the settings make sense, the ledger answers and the brakes are off. Anybody may read it,
 * so it names wrong settings, never their values, and nothing of the fleet.
 */
export async function showHealth(openToolbox: OpenToolbox): Promise<HttpResponseInit> {
  try {
    const toolbox = await openToolbox();
    const killSwitch = (await readKillSwitch(toolbox)) === undefined ? 'off' : 'on';
    return json(200, {
      status: 'healthy',
      ledger: 'reachable',
      killSwitch,
      signatures: signatures.map(({ id }) => id),
    });
  } catch (error) {
    const reason = error instanceof SettingsError ? error.message : 'The ledger cannot be reached.';
    return json(503, { status: 'unhealthy', reason });
  }
}
