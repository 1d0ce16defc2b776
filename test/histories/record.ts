/**
 * `npx tsx test/histories/record.ts <version>` (after `npm run build`): records the histories of every VM of the fleet as
 * today's code makes them, into a folder of that name. A release's histories are recorded once; those of the coming one may be recorded again with
 * `--again` as long as it is not out.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availabilityAlert } from '../../local/alert-payload';
import { callDoor, followRepair } from '../../local/app-client';
import { startCloud } from '../../local/cloud';
import { openStore, type Store } from '../../local/host/durable/store';
import { openSimulatedAzure } from '../../local/simulated-azure-client';
import type { RecordedHistory, RecordedRepair } from './recorded-history';

const speed = 60;

async function main(version: string | undefined, again: boolean): Promise<void> {
  if (!version || !/^\d+\.\d+\.\d+$/.test(version)) throw new Error('usage: npx tsx test/histories/record.ts 0.1.0');
  const target = join(__dirname, version);
  if (existsSync(target) && !again) throw new Error(`${version} is there already: a release is recorded once.`);
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-histories-'));
  const cloud = await startCloud({ stateFolder, speed });
  const vms = await openSimulatedAzure(cloud.azure.controlUrl).vms();
  const repairs = await Promise.all(
    vms.map(async ({ id, name }) => {
      const { body } = await callDoor(cloud, 'POST', '/api/alerts', availabilityAlert(id));
      const repairId = String(body.repairId);
      return { vm: name, repairId, ending: (await followRepair(cloud, repairId)).ending ?? 'running' };
    }),
  );
  await cloud.stop();
  const store = openStore(join(stateFolder, 'host'));
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  for (const { vm, repairId, ending } of repairs) {
    const histories = familyOf(store, repairId);
    const repair: RecordedRepair = { vm, ending, histories };
    writeFileSync(join(target, `${vm}.json`), `${JSON.stringify(repair)}\n`);
    console.log(`${vm}: ${ending}, ${histories.length} orchestrations`);
  }
  rmSync(stateFolder, { recursive: true, force: true });
}

/** The story with this id, its parent and everything that either of them began. */
function familyOf(store: Store, repairId: string): RecordedHistory[] {
  const parentId = store.instance(repairId)?.parent?.instanceId;
  if (!parentId) throw new Error(`The engine has no story ${repairId} with a parent.`);
  const known = new Set([parentId]);
  const all = store.instances({ limit: 100_000 });
  for (let grown = true; grown;) {
    const children = all.filter(({ instanceId, parent }) => parent && known.has(parent.instanceId) && !known.has(instanceId));
    for (const { instanceId } of children) known.add(instanceId);
    grown = children.length > 0;
  }
  return all
    .filter(({ instanceId }) => known.has(instanceId))
    .map(({ instanceId, name, input, parent }) => ({
      orchestrator: name,
      instanceId,
      parentInstanceId: parent?.instanceId ?? null,
      input: JSON.parse(input) as unknown,
      events: store.history(instanceId),
    }));
}

main(process.argv[2], process.argv[3] === '--again').then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
