/** `npm start`: everything on this machine, until Ctrl+C. `PORT` (7071) is the app's, `SPEED` (10) how fast time runs. */
import { rmSync } from 'node:fs';
import { startCloud } from './cloud';
import { bold, dim } from './progress';
import { leaveNote, localFolder } from './running';
import { openSimulatedAzure } from './simulated-azure-client';

function numberFrom(name: string, otherwise: number, least: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!Number.isFinite(value) || value < least) throw new Error(`${name} must be a number from ${least} up.`);
  return value;
}

async function main(): Promise<void> {
  const port = numberFrom('PORT', 7071, 0);
  const speed = numberFrom('SPEED', 10, 1);
  // The simulated Azure begins anew at each start, so repairs of an earlier one would find nothing that they know.
  rmSync(localFolder, { recursive: true, force: true });
  const cloud = await startCloud({ stateFolder: localFolder, speed, port });
  const { url, key, environment } = cloud;
  leaveNote({ url, key, controlUrl: cloud.azure.controlUrl, environment });
  const vms = await openSimulatedAzure(cloud.azure.controlUrl).vms();

  console.log(
    `\n${bold('rdp-lifeline is running')} at ${url}; time runs ${speed} times as fast.\n\nThe simulated fleet:`,
  );
  for (const { name, osType, tags, services } of vms) {
    const dhcp = services.find((service) => service.name.toLowerCase() === 'dhcp');
    const fault = dhcp?.startType === 4 ? 'DHCP Client disabled' : 'well';
    console.log(`  ${name.padEnd(18)} ${osType.padEnd(8)} tag: ${(tags['rdp-lifeline'] ?? 'none').padEnd(9)} ${fault}`);
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
