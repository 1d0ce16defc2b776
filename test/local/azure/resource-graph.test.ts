import { connectArm } from '../../../src/azure/arm';
import { parseQuery } from '../../../local/azure/resource-graph/query';
import { startAzureProcess, type AzureProcess } from './support/azure-process';

let azure: AzureProcess;

beforeAll(async () => {
  azure = await startAzureProcess({ speed: 100 });
});

afterAll(() => {
  azure.stop();
});

function armOf(identity: string) {
  return connectArm({
    endpoint: azure.armEndpoint,
    audience: 'https://management.azure.com/.default',
    observe: azure.credential(identity),
    repair: azure.credential(identity),
    httpClient: azure.httpClient,
  });
}

describe('local/azure/resource-graph: the simulated Resource Graph, asked by the app’s own adapter', () => {
  it.each([
    ['a machine’s name', 'VM-dhcp-disabled', ['vm-dhcp-disabled']],
    ['a computer’s name', 'vm-dhcp-disable', ['vm-dhcp-disabled']],
    ['a computer’s name with its domain', 'vm-dhcp-disabled.contoso.com', ['vm-dhcp-disabled']],
    ['a name that nobody has', 'vm-gone', []],
    ['a part of a name', 'vm-dhcp', []],
  ])('finds by %s', async (_what, name, expected) => {
    const found = await armOf('observe').findVirtualMachines([name], [azure.subscriptionId]);
    expect(found.ok && found.value.get(name.toLowerCase())?.map((id) => id.split('/').at(-1))).toEqual(expected);
  });

  it('shows nothing to who may read nothing, and nothing of another subscription', async () => {
    const elsewhere = '99999999-0000-0000-0000-000000000009';
    expect(await armOf('host').findVirtualMachines(['vm-healthy'], [azure.subscriptionId])).toEqual({
      ok: true,
      value: new Map([['vm-healthy', []]]),
    });
    expect(await armOf('observe').findVirtualMachines(['vm-healthy'], [elsewhere])).toEqual({
      ok: true,
      value: new Map([['vm-healthy', []]]),
    });
  });
});

describe('local/azure/resource-graph: the piece of Kusto that is understood', () => {
  const rows = [{ name: 'a' }, { name: 'B' }, { name: 'b' }];

  it('filters without case, projects and limits', () => {
    expect(parseQuery("Resources | where name =~ 'b' or name =~ 'c' | project name | limit 1")?.(rows)).toEqual([
      { name: 'B' },
    ]);
  });

  it.each([
    'Tables | limit 1',
    'Resources | take 1',
    'Resources | where name == "b"',
    "Resources | where name =~ 'b' and type =~ 'x'",
    "Resources | where name =~ 'it''s'",
    'Resources | where',
  ])('does not guess at %s', (query) => {
    expect(parseQuery(query)).toBeUndefined();
  });
});
