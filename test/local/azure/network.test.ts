import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectArm } from '../../../src/azure/arm';
import type { EffectiveRules } from '../../../src/azure/outside';
import type { Answer } from '../../../src/azure/ports';
import { reachOf } from '../../../src/network/reach';
import { startAzureProcess, until, type AzureProcess } from './support/azure-process';

let azure: AzureProcess;
let rolesFolder: string;

beforeAll(async () => {
  rolesFolder = mkdtempSync(join(tmpdir(), 'roles-'));
  const role = (name: string, actions: string[]) => {
    writeFileSync(join(rolesFolder, `${name}.json`), JSON.stringify({ Name: name, Actions: actions }));
  };
  // The real roles of the observe identity, and one that sees everything under the name of another.
  for (const name of ['repair', 'workbench', 'recovery', 'helper']) role(name, ['*/read']);
  for (const name of ['observe', 'alerts']) {
    const real = join(__dirname, '../../../infra/roles', `${name}.json`);
    role(name, (JSON.parse(readFileSync(real, 'utf8')) as { Actions: string[] }).Actions);
  }
  azure = await startAzureProcess({ speed: 100, arguments: ['--roles', rolesFolder] });
});

afterAll(() => {
  azure.stop();
  rmSync(rolesFolder, { recursive: true });
});

afterEach(async () => {
  await azure.control('DELETE', '/roles');
  await azure.control('DELETE', '/vms/vm-healthy/security-rules');
});

const network = () =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}/providers/Microsoft.Network`;
const interfaceOf = (vm: string) => `${network()}/networkInterfaces/${vm}-nic`;
const machineOf = (vm: string) =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}/providers/Microsoft.Compute/virtualMachines/${vm}`;

function arm(identity = 'observe') {
  return connectArm({
    endpoint: azure.armEndpoint,
    audience: 'https://management.azure.com/.default',
    observe: azure.credential(identity),
    repair: azure.credential(identity),
    httpClient: azure.httpClient,
  });
}

async function get(path: string): Promise<Record<string, unknown>> {
  const token = (await azure.credential('repair').getToken('https://management.azure.com/.default')).token;
  const response = await azure.call('GET', `${path}?api-version=2024-05-01`, { token });
  return { status: response.status, ...(JSON.parse(response.bodyAsText ?? '{}') as object) };
}

async function rulesOf(vm: string) {
  const begun = await arm().beginEffectiveRules(interfaceOf(vm));
  if (!begun.ok || begun.value.state !== 'running') throw new Error(JSON.stringify(begun));
  const { operation } = begun.value;
  const ended = await until<Answer<EffectiveRules>>(
    () => arm().lookAtEffectiveRules(interfaceOf(vm), operation),
    (answer) => answer.ok && answer.value.state === 'done',
  );
  if (!ended.ok || ended.value.state !== 'done') throw new Error(JSON.stringify(ended));
  return ended.value.groups;
}

describe('local/azure/network: the simulated network, asked by the app’s own adapter', () => {
  it('gives each VM the interface that it names, with its address', async () => {
    const vm = await arm().getVirtualMachine(machineOf('vm-healthy'));
    const id = vm.ok ? (vm.value.networkInterfaceId ?? '') : '';
    expect(id).toBe(interfaceOf('vm-healthy'));
    const publicAddressId = `${network()}/publicIPAddresses/vm-healthy-ip`;
    expect(await arm().getNetworkInterface(id)).toEqual({
      ok: true,
      value: { id, privateAddress: '10.0.0.4', publicAddressId },
    });
    expect(await arm().getPublicAddress(publicAddressId)).toEqual({
      ok: true,
      value: { address: '203.0.113.4', sku: 'Standard' },
    });
    expect(await arm().getNetworkInterface(interfaceOf('vm-dhcp-diagnose'))).toMatchObject({
      value: { privateAddress: '10.0.0.5' },
    });
  });

  it('finds out the effective rules by an operation that takes its time: begun, running, done', async () => {
    const begun = await arm().beginEffectiveRules(interfaceOf('vm-healthy'));
    expect(begun).toMatchObject({ ok: true, value: { state: 'running', retryAfterMs: 10_000 } });
    const groups = await rulesOf('vm-healthy');
    expect(groups.map(({ id }) => id)).toEqual([`${network()}/networkSecurityGroups/vm-healthy-nsg`]);
    expect(groups[0]?.rules.map(({ name, priority, direction }) => [name, priority, direction])).toEqual([
      ['securityRules/default-allow-rdp', 1000, 'Inbound'],
      ['defaultSecurityRules/AllowVnetInBound', 65000, 'Inbound'],
      ['defaultSecurityRules/AllowAzureLoadBalancerInBound', 65001, 'Inbound'],
      ['defaultSecurityRules/DenyAllInBound', 65500, 'Inbound'],
      ['defaultSecurityRules/AllowVnetOutBound', 65000, 'Outbound'],
      ['defaultSecurityRules/AllowInternetOutBound', 65001, 'Outbound'],
      ['defaultSecurityRules/DenyAllOutBound', 65500, 'Outbound'],
    ]);
    expect(reachOf(groups, { port: 3389, address: '10.0.0.4' })).toMatchObject({ kind: 'open', from: ['everywhere'] });
  });

  it.each([
    ['everybody', { name: 'DenyRdp' }, { kind: 'blocked' }],
    ['the internet', { name: 'DenyInternet', source: 'Internet' }, { from: ['everywhere but Internet'] }],
    ['another port', { name: 'DenySsh', destinationPort: '22' }, { from: ['everywhere'] }],
  ])('shows a rule that somebody plants against %s', async (_whom, rule, expected) => {
    await azure.control('POST', '/vms/vm-healthy/security-rules', rule);
    const reach = reachOf(await rulesOf('vm-healthy'), { port: 3389, address: '10.0.0.4' });
    expect(reach).toMatchObject(expected);
    const truth = await azure.control('GET', '/vms/vm-healthy');
    expect(truth.rdpReachable).toBe(reach.kind === 'open');
  });

  it('has a VM of the fleet that a rule shuts out', async () => {
    expect(reachOf(await rulesOf('vm-nsg-blocked'), { port: 3389, address: '10.0.0.9' })).toMatchObject({
      kind: 'blocked',
      by: [{ rule: 'securityRules/DenyRdp', priority: 100 }],
    });
  });

  it.each(['Basic', 'Standard'] as const)('has no group and a %s address where a test says so', async (sku) => {
    await azure.control('PATCH', '/vms/vm-healthy/network', { hasSecurityGroup: false, publicAddressSku: sku });
    expect(await rulesOf('vm-healthy')).toEqual([]);
    expect(await arm().getPublicAddress(`${network()}/publicIPAddresses/vm-healthy-ip`)).toMatchObject({
      value: { sku },
    });
    await azure.control('PATCH', '/vms/vm-healthy/network', { hasSecurityGroup: true, publicAddressSku: 'Standard' });
    expect(await rulesOf('vm-healthy')).toHaveLength(1);
  });

  it('refuses the rules of an interface whose VM does not run', async () => {
    await azure.control('POST', '/vms/vm-linux/power-off');
    expect(await arm().beginEffectiveRules(interfaceOf('vm-linux'))).toMatchObject({
      failure: { kind: 'rejected', code: 'NicMustBeAttachedToRunningVmToGetEffectiveSecurityGroups' },
    });
  });

  it('does not know an operation or an interface that was never begun', async () => {
    const operation = `${azure.armEndpoint}/subscriptions/${azure.subscriptionId}/providers/Microsoft.Network/locations/westeurope/operationResults/x?api-version=2024-05-01`;
    expect(await arm().lookAtEffectiveRules(interfaceOf('vm-healthy'), operation)).toMatchObject({
      failure: { kind: 'not-found' },
    });
    expect(await arm().getNetworkInterface(interfaceOf('vm-gone'))).toMatchObject({ failure: { kind: 'not-found' } });
  });

  it('shows nothing to who has no role, and names the action', async () => {
    expect(await arm('host').getNetworkInterface(interfaceOf('vm-healthy'))).toMatchObject({
      failure: { kind: 'forbidden', action: 'Microsoft.Network/networkInterfaces/read' },
    });
    // Reading is not enough for an action, whatever it only looks at.
    expect(await arm('repair').beginEffectiveRules(interfaceOf('vm-healthy'))).toMatchObject({
      failure: {
        kind: 'forbidden',
        action: 'Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action',
        scope: interfaceOf('vm-healthy'),
      },
    });
  });

  it('holds together: the network, its subnet, the group and the interface name each other', async () => {
    const nic = await get(interfaceOf('vm-healthy'));
    const group = await get(`${network()}/networkSecurityGroups/vm-healthy-nsg`);
    const virtualNetwork = await get(`${network()}/virtualNetworks/vnet-production`);
    const subnet = await get(`${network()}/virtualNetworks/vnet-production/subnets/default`);
    expect(nic).toMatchObject({
      status: 200,
      properties: {
        networkSecurityGroup: { id: group.id },
        virtualMachine: { id: machineOf('vm-healthy') },
        ipConfigurations: [{ properties: { subnet: { id: subnet.id }, primary: true } }],
      },
    });
    expect(group).toMatchObject({ properties: { networkInterfaces: [{ id: nic.id }] } });
    expect(virtualNetwork).toMatchObject({ properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } });
    expect(subnet).toMatchObject({ properties: { addressPrefix: '10.0.0.0/24' } });
    expect(await get(`${network()}/publicIPAddresses/vm-dhcp-diagnose-ip`)).toMatchObject({ status: 404 });
    expect(await get(`${network()}/virtualNetworks/vnet-production/subnets/other`)).toMatchObject({ status: 404 });
  });
});

describe('local/azure/network: the simulated serial console', () => {
  it('is out of reach of a role on a resource group: it belongs to the subscription', async () => {
    expect(await arm().getSerialConsole(machineOf('vm-healthy'))).toMatchObject({
      failure: { kind: 'forbidden', action: 'Microsoft.SerialConsole/consoleServices/read' },
    });
  });

  it('tells its state to who has the same role on the subscription', async () => {
    const scope = `/subscriptions/${azure.subscriptionId}`;
    await azure.control('POST', '/roles/assign', { identity: 'observe', role: 'observe', scope });
    expect(await arm().getSerialConsole(machineOf('vm-healthy'))).toEqual({ ok: true, value: 'enabled' });
    await azure.control('PATCH', '/serial-console', { disabled: true });
    expect(await arm().getSerialConsole(machineOf('vm-healthy'))).toEqual({ ok: true, value: 'disabled' });
  });

  it('needs boot diagnostics, which are a setting of the VM', async () => {
    expect(await arm().getVirtualMachine(machineOf('vm-healthy'))).toMatchObject({ value: { bootDiagnostics: true } });
    await azure.control('PATCH', '/vms/vm-healthy/boot-diagnostics', { enabled: false });
    expect(await arm().getVirtualMachine(machineOf('vm-healthy'))).toMatchObject({ value: { bootDiagnostics: false } });
  });
});
