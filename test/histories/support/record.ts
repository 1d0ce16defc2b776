/**
 * `npx tsx test/histories/support/record.ts <version>` (after `npm run build`): records the histories of every VM of the fleet, and of a
 * rollback, as today's code makes them, into a folder of that name. A release's histories are recorded once; those of the coming one may
 * be recorded again with `--again` as long as it is not out, or with `--add` those that are not there yet.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availabilityAlert } from '../../../local/alert-payload';
import { callDoor, followRepair } from '../../../local/app-client';
import { startCloud, type Cloud } from '../../../local/cloud';
import { openStore, type Store } from '../../../local/host/durable/store';
import { openSimulatedAzure } from '../../../local/simulated-azure-client';
import type { RepairReport } from '../../../src/report/repair-report';
import type { RecordedHistory, RecordedRepair } from './recorded-history';

const speed = 60;

/** A VM of its own for the rollback: the singleton's history is that of the last thing that happened to its VM. */
const rolledBack = { name: 'vm-rolled-back', like: 'vm-dhcp-rebooted' };

async function main(version: string | undefined, option: string | undefined): Promise<void> {
  if (!version || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error('usage: npx tsx test/histories/support/record.ts 0.1.0');
  const target = join(__dirname, '../../../fixtures/histories', version);
  const isAdding = option === '--add';
  if (existsSync(target) && !isAdding && option !== '--again')
    throw new Error(`${version} is there already: a release is recorded once.`);
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-histories-'));
  const cloud = await startCloud({ stateFolder, speed });
  const azure = openSimulatedAzure(cloud.azure.controlUrl);
  await azure.addVm(rolledBack.name, rolledBack.like);
  const vms = await azure.vms();
  const repairs = await Promise.all(
    vms.map(async ({ id, name }) => {
      const { body } = await callDoor(cloud, 'POST', '/api/alerts', availabilityAlert(id));
      const report = await followRepair(cloud, String(body.repairId));
      const { repairId, ending = 'running' } = name === rolledBack.name ? await rollBack(cloud, report) : report;
      return { vm: name, repairId, ending };
    }),
  );
  await cloud.stop();
  const store = openStore(join(stateFolder, 'host'));
  if (!isAdding) rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const { vm, repairId, ending } of repairs) {
    const file = join(target, `${vm}.json`);
    if (isAdding && existsSync(file)) continue;
    const histories = familyOf(store, repairId);
    const repair: RecordedRepair = { vm, ending, histories };
    writeFileSync(file, `${JSON.stringify(repair)}\n`);
    console.log(`${vm}: ${ending}, ${histories.length} orchestrations`);
  }
  rmSync(stateFolder, { recursive: true, force: true });
}

/** Does what the report says of the way back by this app; gives the report of the rollback. */
async function rollBack(cloud: Cloud, { repairId, wayBack }: RepairReport): Promise<RepairReport> {
  const commands = wayBack.flatMap((way) => way.commands).join('\n');
  const [, body] = /-d '([^']+)'/.exec(commands) ?? [];
  const answer = await callDoor(cloud, 'POST', `/api/repairs/${repairId}/rollback`, body);
  if (answer.status !== 202) throw new Error(`The rollback was answered ${answer.status}.`);
  return followRepair(cloud, String(answer.body.repairId));
}

/** The story with this id, its parent and everything that either of them began. */
function familyOf(store: Store, repairId: string): RecordedHistory[] {
  const parentId = store.instance(repairId)?.parent?.instanceId;
  if (!parentId) throw new Error(`The engine has no story ${repairId} with a parent.`);
  const known = new Set([parentId]);
  const all = store.instances({ limit: 100_000 });
  for (let grown = true; grown;) {
    const children = all.filter(
      ({ instanceId, parent }) => parent && known.has(parent.instanceId) && !known.has(instanceId),
    );
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

main(process.argv[2], process.argv[3]).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
