import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingNames } from '../../src/settings';
import { maximumBodyBytes } from '../../src/triggers/read-body';
import { objectKeys, projectFolder, readBicep } from './support/bicep';

/** Settings of the Functions host itself. */
const hostSettings = /^(AzureWebJobsStorage|APPLICATIONINSIGHTS_|FUNCTIONS_)/;

const api = readBicep('app/api.bicep').code;
const set = objectKeys(api.slice(api.indexOf("name: 'appsettings'")), '  properties: {');
const sample = JSON.parse(readFileSync(join(projectFolder, 'local.settings.sample.json'), 'utf8')) as {
  IsEncrypted: boolean;
  Values: Record<string, string>;
};
const sampled = Object.keys(sample.Values);

function ofTheApp(names: string[]): string[] {
  return names.filter((name) => !hostSettings.test(name)).sort();
}

describe('infra/settings: the app settings', () => {
  it('that Bicep sets are those of the sample, but for the two that hold a key', () => {
    expect(ofTheApp(set)).toEqual(ofTheApp(sampled).filter((name) => !name.endsWith('_CONNECTION_STRING')));
    expect(ofTheApp(sampled).length - ofTheApp(set).length).toBe(2);
    expect(ofTheApp(set).length).toBeGreaterThan(10);
  });

  it('of the sample are those that the app reads, and the task hub that host.json reads', () => {
    expect(ofTheApp(sampled)).toEqual([...settingNames, 'TASKHUB_NAME'].sort());
  });

  it('are each explained in docs/deploy.md', () => {
    const guide = readFileSync(join(projectFolder, 'docs', 'deploy.md'), 'utf8');
    const explained = [...guide.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1] ?? '');
    expect(explained).toEqual(expect.arrayContaining(ofTheApp(sampled)));
  });

  it('give the host its storage by identity', () => {
    expect(set).toEqual(
      expect.arrayContaining([
        'AzureWebJobsStorage__accountName',
        'AzureWebJobsStorage__credential',
        'AzureWebJobsStorage__clientId',
      ]),
    );
    expect(set).not.toContain('AzureWebJobsStorage');
  });

  it('bound what the host reads of a request: more than a door takes, and all that Event Grid delivers, here and there', () => {
    const [, inAzure] = /FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '(\d+)'/.exec(api) ?? [];
    expect(sample.Values.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).toBe(inAzure);
    expect(Number(inAzure)).toBeGreaterThan(maximumBodyBytes);
    expect(Number(inAzure)).toBeGreaterThan(1024 * 1024);
    expect(Number(inAzure)).toBeLessThan(10 * 1024 * 1024);
  });

  it('leave out what a Flex Consumption app must not have', () => {
    // https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#deprecated-properties-and-settings
    expect(set).not.toContain('FUNCTIONS_WORKER_RUNTIME');
    expect(set).not.toContain('WEBSITE_RUN_FROM_PACKAGE');
  });

  it('of the sample hold no secret but the well-known name of local storage', () => {
    expect(sample.IsEncrypted).toBe(false);
    for (const value of Object.values(sample.Values))
      expect(value).not.toMatch(/AccountKey|sig=|code=|InstrumentationKey/i);
  });
});
