/**
 * `npm run stop-everything [-- --release] [-- --reason "…"]`: sets the kill switch in the ledger, without the app: it
 * works while the app is down. Every repair reads it before it creates or changes anything.
 *
 * The ledger is the one that LEDGER_TABLE_SERVICE_URI and LEDGER_BLOB_SERVICE_URI name (sign in with `az login`; the
 * account needs "Storage Table Data Contributor"), or that of a running `npm start`.
 */
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { readNote } from '../local/running';
import { connectLedgerOf } from '../src/composition';
import { LedgerFault } from '../src/ledger/errors';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { release: { type: 'boolean' }, reason: { type: 'string' } } });
  const named = process.env.LEDGER_TABLE_SERVICE_URI ?? process.env.LEDGER_CONNECTION_STRING;
  if (!named) return viaLocalApp();
  const on = values.release !== true;
  const ledger = await connectLedgerOf(process.env);
  const reason = values.reason ?? (on ? 'stopped by hand' : 'released by hand');
  const brake = { on, reason, by: userInfo().username, at: new Date().toISOString() };
  await ledger.setKillSwitch(brake).catch(async (error: unknown) => {
    // A ledger that no app has used yet has no tables; the brake must hold from its first hour on.
    if (!(error instanceof LedgerFault) || error.code !== 'TableNotFound') throw error;
    await ledger.prepare();
    await ledger.setKillSwitch(brake);
  });
  console.log(
    on
      ? 'The kill switch is on: no repair creates or changes anything from now on. What runs in a guest runs to its end.\nRelease it with: npm run stop-everything -- --release'
      : 'The kill switch is released.',
  );
  return 0;
}

/** Runs this again with the settings of the local app; certificates are trusted only if named before Node starts. */
function viaLocalApp(): number {
  const running = readNote();
  if (!running) {
    throw new Error(
      'Which ledger? Set LEDGER_TABLE_SERVICE_URI and LEDGER_BLOB_SERVICE_URI, or start the local app with `npm start`.',
    );
  }
  const again = spawnSync(process.execPath, [...process.execArgv, __filename, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...running.environment },
  });
  return again.status ?? 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
