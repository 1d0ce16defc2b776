import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectKeys, projectFolder, readBicep } from './support/bicep';

interface Host {
  version: string;
  functionTimeout: string;
  extensionBundle: { id: string; version: string };
  extensions: {
    http: { routePrefix: string };
    durableTask: {
      hubName: string;
      defaultVersion: string;
      versionMatchStrategy: string;
      versionFailureStrategy: string;
      storageProvider: { partitionCount: number; maxQueuePollingInterval: string };
      tracing: { traceInputsAndOutputs: boolean };
    };
  };
  logging: { applicationInsights: { samplingSettings: { excludedTypes: string } } };
}

const host = JSON.parse(readFileSync(join(projectFolder, 'host.json'), 'utf8')) as Host;
const { durableTask } = host.extensions;

function seconds(time: string): number {
  const [hours = NaN, minutes = NaN, rest = NaN] = time.split(':').map(Number);
  return (hours * 60 + minutes) * 60 + rest;
}

describe('infra/host: host.json', () => {
  it('never traces inputs and outputs, which hold what guests printed', () => {
    expect(durableTask.tracing.traceInputsAndOutputs).toBe(false);
  });

  it('never samples our events away', () => {
    const kept = host.logging.applicationInsights.samplingSettings.excludedTypes.split(';');
    expect(kept).toEqual(expect.arrayContaining(['Request', 'Trace', 'Event', 'Exception']));
  });

  it('names its task hub by a setting that Azure is given', () => {
    const setting = /^%(\w+)%$/.exec(durableTask.hubName)?.[1];
    const api = readBicep('app/api.bicep').code;
    expect(objectKeys(api.slice(api.indexOf("name: 'appsettings'")), '  properties: {')).toContain(setting);
    // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-task-hubs#task-hub-names
    expect(/TASKHUB_NAME: '(.*)'/.exec(api)?.[1]).toMatch(/^[A-Za-z][A-Za-z0-9]{2,44}$/);
  });

  it('lets a new release finish the repairs of an older one, and refuses those of a newer', () => {
    expect(durableTask).toMatchObject({
      defaultVersion: '1.0',
      versionMatchStrategy: 'CurrentOrOlder',
      versionFailureStrategy: 'Reject',
    });
  });

  it('asks for a bundle whose Durable extension knows versions (4.30.0), and stays below the next major', () => {
    const range = /^\[4\.(\d+)\.\d+, 5\.0\.0\)$/.exec(host.extensionBundle.version);
    expect(Number(range?.[1])).toBeGreaterThanOrEqual(30);
  });

  it('polls its queues often enough for a plan that scales to zero', () => {
    // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider: at most 10 s.
    expect(seconds(durableTask.storageProvider.maxQueuePollingInterval)).toBeLessThanOrEqual(10);
    expect(durableTask.storageProvider.partitionCount).toBe(2);
  });

  it('bounds every function', () => {
    expect(seconds(host.functionTimeout)).toBeGreaterThanOrEqual(60);
    expect(seconds(host.functionTimeout)).toBeLessThanOrEqual(1800);
  });

  it('has the route prefix that the alert rule calls', () => {
    const route = /param functionRoute string = '(\w+)\//.exec(readBicep('alerts.bicep').code)?.[1];
    expect(host.extensions.http.routePrefix).toBe(route);
  });
});
