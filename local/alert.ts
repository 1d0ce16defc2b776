/**
 * `npm run alert -- <vm name | payload file>`: fires an alert at a running app and follows the repair to its end.
 * The app is the one of `npm start`, or the one that RDP_LIFELINE_URL and RDP_LIFELINE_KEY name (payload files only).
 */
import { existsSync, readFileSync } from 'node:fs';
import { availabilityAlert } from './alert-payload';
import { callDoor, followRepair, type AppAddress } from './app-client';
import { plainJson } from '../src/plain-characters';
import { outcomeLines, progressPrinter, visible } from './progress';
import { readNote } from './running';
import { openSimulatedAzure } from './simulated-azure-client';

const usage = 'usage: npm run alert -- <vm name | payload file>';

async function main(): Promise<number> {
  const target = process.argv[2];
  if (!target) throw new Error(usage);
  const { app, controlUrl } = findApp();
  const answer = await callDoor(app, 'POST', '/api/alerts', await payloadFor(target, controlUrl));
  const { repairId } = answer.body;
  if (typeof repairId !== 'string') {
    console.log(`The door answered ${answer.status}:\n${plainJson(answer.body, 2)}`);
    return answer.status === 200 ? 0 : 1;
  }
  console.log(`Repair ${visible(repairId)}${answer.body.joined === true ? ' (was running already)' : ''}\n`);
  const report = await followRepair(app, repairId, progressPrinter(''));
  console.log(`\n${outcomeLines(report).join('\n')}`);
  return 0;
}

function findApp(): { app: AppAddress; controlUrl?: string } {
  const { RDP_LIFELINE_URL: url, RDP_LIFELINE_KEY: key } = process.env;
  if (url && key) return { app: { url, key } };
  const running = readNote();
  if (!running)
    throw new Error(
      'Nothing is running here. Start it with `npm start`, or set RDP_LIFELINE_URL and RDP_LIFELINE_KEY.',
    );
  return { app: running, controlUrl: running.controlUrl };
}

async function payloadFor(target: string, controlUrl: string | undefined): Promise<unknown> {
  if (existsSync(target)) return readFileSync(target, 'utf8');
  if (!controlUrl) throw new Error(`There is no file ${target}. ${usage}`);
  const azure = openSimulatedAzure(controlUrl);
  const vms = await azure.vms();
  const vm = vms.find(({ name }) => name === target);
  if (vm) return availabilityAlert(vm.id, { firedAt: await azure.now() });
  throw new Error(`There is neither a file nor a VM ${target}. VMs: ${vms.map(({ name }) => name).join(', ')}.`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const refused = error instanceof TypeError && error.message === 'fetch failed';
    console.error(
      refused ? 'The app does not answer. Is `npm start` still running?' : visible((error as Error).message),
    );
    process.exit(1);
  },
);
