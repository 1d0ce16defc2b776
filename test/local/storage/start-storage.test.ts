import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import { startStorage, type Storage } from '../../../local/storage/start-storage';
import { startAzureProcess, type AzureProcess } from '../azure/support/azure-process';

const run = promisify(execFile);
let azure: AzureProcess;
let storage: Storage;

beforeAll(async () => {
  // Local time runs away from real time by ten minutes a second: storage must judge tokens by local time.
  azure = await startAzureProcess({ speed: 600 });
  storage = await startStorage({
    stateFolder: azure.stateFolder,
    certificateFile: azure.certificateFile,
    keyFile: azure.keyFile,
    environment: { ...process.env, LOCAL_CLOCK: azure.clock },
  });
});

afterAll(async () => {
  await storage.stop();
  azure.stop();
});

function table(name: string, identity = 'host') {
  const { httpClient } = azure;
  return new TableClient(storage.tableServiceUri, name, azure.credential(identity), { httpClient });
}

describe('local/storage/start-storage: tables with a managed identity', () => {
  it('keep entities, and refuse an update that read an older one', async () => {
    const things = table('things');
    await things.createTable();
    await things.createEntity({ partitionKey: 'p', rowKey: 'r', count: 1 });
    const read = await things.getEntity('p', 'r');
    const update = { partitionKey: 'p', rowKey: 'r', count: 2 };
    await things.updateEntity(update, 'Replace', { etag: read.etag });
    await expect(things.updateEntity(update, 'Replace', { etag: read.etag })).rejects.toMatchObject({
      statusCode: 412,
    });
    expect(await things.getEntity('p', 'r')).toMatchObject({ count: 2 });
  });
});

describe('local/storage/start-storage: blobs with a managed identity', () => {
  it('come back as they were put, to a process that trusts the authority by NODE_EXTRA_CA_CERTS', async () => {
    const commandLine = [storage.blobServiceUri, azure.identities.host ?? ''];
    const environment = {
      ...process.env,
      LOCAL_CLOCK: azure.clock,
      NODE_EXTRA_CA_CERTS: azure.caFile,
      IDENTITY_ENDPOINT: azure.identityEndpoint,
      IDENTITY_HEADER: azure.identityHeader,
    };
    const client = ['--import', 'tsx', require.resolve('./support/blob-client'), ...commandLine];
    const { stdout } = await run(process.execPath, client, { env: environment });
    expect(stdout).toBe('{"a":1}');
  });

  it('are not shown to a caller without a token', async () => {
    const url = `${storage.blobServiceUri}/documents/plan.json`;
    const response = await azure.httpClient.sendRequest(createPipelineRequest({ url }));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.bodyAsText).not.toContain('"a":1');
  });
});

describe('local/storage/start-storage: the process', () => {
  it('comes back at the same addresses with what it kept', async () => {
    const kept = table('kept');
    await kept.createTable();
    await kept.createEntity({ partitionKey: 'p', rowKey: 'r', note: 'still here' });
    const { ports } = storage;
    await storage.stop();
    storage = await startStorage({
      stateFolder: azure.stateFolder,
      certificateFile: azure.certificateFile,
      keyFile: azure.keyFile,
      environment: { ...process.env, LOCAL_CLOCK: azure.clock },
      ports,
    });
    expect(storage.ports).toEqual(ports);
    expect(await kept.getEntity('p', 'r')).toMatchObject({ note: 'still here' });
  });

  it('says why when it cannot start', async () => {
    const starting = startStorage({
      stateFolder: `${azure.stateFolder}/broken`,
      certificateFile: '/no/such/certificate.pem',
      keyFile: azure.keyFile,
    });
    await expect(starting).rejects.toThrow(/Azurite did not come up[^]*certificate\.pem/);
  });
});
