/**
 * A client process as the app is one: trust by NODE_EXTRA_CA_CERTS, the token from the managed-identity endpoint.
 * Puts a blob and prints what comes back. Started by start-storage.test.ts, because that variable is read only when
 * a process starts.
 */
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { installClock } from '../../../../local/clock';

installClock();

async function main(uri: string, clientId: string): Promise<void> {
  const credential = new DefaultAzureCredential({ managedIdentityClientId: clientId });
  const container = new BlobServiceClient(uri, credential).getContainerClient('documents');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient('plan.json');
  await blob.upload('{"a":1}', 7);
  process.stdout.write((await blob.downloadToBuffer()).toString('utf8'));
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
