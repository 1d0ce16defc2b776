/**
 * The simulated Azure as a process: `tsx local/azure/main.ts --state <folder>`. Prints one line of JSON when it is
 * ready, then runs until it is ended (SIGTERM). Its state is in memory; only keys and certificates are in the folder.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installClock, readClockSettings } from '../clock';
import { keepSharedTime } from '../shared-time';
import { startAzure } from './start-azure';

const usage =
  'usage: tsx local/azure/main.ts --state <folder> [--fleet default] [--roles <folder>] [--port 0] [--without-action <action>]… [--policy <json>]… [--unlimited]';

async function main(): Promise<void> {
  const realNow = Date.now();
  installClock();
  const { folder } = readClockSettings();
  if (folder !== undefined) keepSharedTime(folder);
  const { values } = parseArgs({
    options: {
      state: { type: 'string' },
      fleet: { type: 'string', default: 'default' },
      roles: { type: 'string', default: join(__dirname, '../../infra/roles') },
      port: { type: 'string', default: '0' },
      'without-action': { type: 'string', multiple: true, default: [] },
      unlimited: { type: 'boolean', default: false },
      policy: { type: 'string', multiple: true, default: [] },
    },
  });
  if (!values.state) throw new Error(`--state is missing. ${usage}`);
  const addresses = await startAzure({
    stateFolder: values.state,
    rolesFolder: values.roles,
    fleet: values.fleet,
    port: Number(values.port),
    withoutActions: values['without-action'],
    policies: values.policy.map((text) => JSON.parse(text) as unknown),
    realNow,
    isUnlimited: values.unlimited,
  });
  process.stdout.write(`${JSON.stringify({ ready: true, ...addresses, pid: process.pid })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
