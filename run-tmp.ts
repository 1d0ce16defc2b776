import { mkdtempSync } from 'node:fs';
import { startCloud } from './local/cloud';
import { callDoor, followRepair } from './local/app-client';
import { availabilityAlert } from './local/alert-payload';
import { openSimulatedAzure } from './local/simulated-azure-client';
async function main() {
  const cloud = await startCloud({ stateFolder: mkdtempSync('/tmp/rdpl-'), speed: Number(process.argv[3] ?? 30) });
  const azure = openSimulatedAzure(cloud.azure.controlUrl);
  const vm = await azure.vm(process.argv[2] ?? 'vm-safe-mode');
  const a = await callDoor(cloud, 'POST', '/api/alerts', availabilityAlert(vm.id));
  const r = await followRepair(cloud, String(a.body.repairId), undefined, 100);
  for (const s of r.steps) console.log(s.step.padEnd(16), s.outcome, Math.round((Date.parse(s.endedAt ?? '') - Date.parse(s.startedAt)) / 1000) + ' s', s.detail?.slice(0, 300));
  console.log(r.ending, r.code, r.reason, Math.round((Date.parse(r.endedAt ?? '') - Date.parse(r.acceptedAt)) / 1000));
  console.log(JSON.stringify({ plan: r.plan, kept: r.kept, temporary: r.temporary, changes: r.changes }, null, 1).slice(0, 3500));
  await cloud.stop();
}
main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
