/** `npm start`: everything on this machine, until Ctrl+C. `PORT` (7071) is the app's, `SPEED` (10) how fast time runs. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { startCloud } from './cloud';
import { bold, dim } from './progress';
import { leaveNote, localFolder, readNote } from './running';
import { openSimulatedAzure, type VmTruth } from './simulated-azure-client';

function numberFrom(name: string, otherwise: number, least: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!Number.isFinite(value) || value < least) throw new Error(`${name} must be a number from ${least} up.`);
  return value;
}

/** Two at a time would share one folder, and the second would take it from the first. */
async function refuseIfRunning(): Promise<void> {
  const running = readNote();
  if (!running) return;
  const answer = await fetch(new URL('/api/health', running.url)).catch(() => undefined);
  if (answer) throw new Error(`It is running already, at ${running.url}. End that one first (Ctrl+C where it runs).`);
}

async function refuseIfTaken(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    throw new Error(`Port ${port} is taken on this machine. Choose another: PORT=${port + 1} npm start`);
  }
  probe.close();
  await once(probe, 'close');
}

function stateOf({ services, bootMode, agentAlive }: VmTruth): string {
  const dhcp = services.find((service) => service.name.toLowerCase() === 'dhcp');
  const faults = [
    ...(bootMode === null || bootMode === 'normal' ? [] : [`in safe mode (${bootMode})`]),
    ...(dhcp?.startType === 4 ? ['DHCP Client disabled'] : []),
    ...(agentAlive ? [] : ['agent dead']),
  ];
  return faults.length === 0 ? 'well' : faults.join(', ');
}

async function main(): Promise<void> {
  const port = numberFrom('PORT', 7071, 0);
  const speed = numberFrom('SPEED', 10, 1);
  await refuseIfRunning();
  await refuseIfTaken(port);
  // The simulated Azure begins anew at each start, so repairs of an earlier one would find nothing that they know.
  rmSync(localFolder, { recursive: true, force: true });
  const cloud = await startCloud({ stateFolder: localFolder, speed, port });
  const { url, key, environment } = cloud;
  leaveNote({ url, key, controlUrl: cloud.azure.controlUrl, environment });
  const vms = await openSimulatedAzure(cloud.azure.controlUrl).vms();

  console.log(
    `\n${bold('rdp-lifeline is running')} at ${url}; time runs ${speed} times as fast.\n\nThe simulated fleet:`,
  );
  for (const vm of vms) {
    const tag = (vm.tags['rdp-lifeline'] ?? 'none').padEnd(9);
    console.log(`  ${vm.name.padEnd(18)} ${vm.osType.padEnd(8)} tag: ${tag} ${stateOf(vm)}`);
  }
  console.log(`
Fire an alert, in another terminal:
  npm run alert -- vm-dhcp-disabled
Stop every change at once, and allow changes again:
  npm run stop-everything
  npm run stop-everything -- --release
Look:
  ${url}/api/health
  curl -H 'x-functions-key: ${key}' ${url}/api/repairs
  ${cloud.azure.controlUrl}/vms   ${dim('(what the simulated guests really are)')}

Ctrl+C ends it.`);

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void cloud.stop().finally(() => process.exit(0));
    });
  }
  // The children keep the process alive; without them there is nothing left to wait for.
  await new Promise(() => undefined);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
