import { startAzureProcess, type AzureProcess } from './support/azure-process';

let azure: AzureProcess;

beforeAll(async () => {
  azure = await startAzureProcess({
    speed: 100,
    arguments: ['--without-action', 'Microsoft.Compute/disks/beginGetAccess/action'],
  });
});

afterAll(() => {
  azure.stop();
});

const names = () => ({
  observe: `The client '${azure.identities.observe}' with object id `,
  repair: `The client '${azure.identities.repair}' with object id `,
});

async function beginSnapshot() {
  const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-healthy');
  const sourceResourceId = vm.storageProfile?.osDisk?.managedDisk?.id;
  const snapshot = { location: 'westeurope', creationData: { createOption: 'Copy', sourceResourceId } };
  return azure.compute('repair').snapshots.createOrUpdate(azure.workbenchResourceGroup, 's', snapshot).submitted();
}

describe('local/azure/missing-roles: an identity without a role', () => {
  it('is told the action, the scope and its own names', async () => {
    const asked = azure.compute('observe').virtualMachines.restart(azure.resourceGroup, 'vm-healthy').submitted();
    const scope = `/subscriptions/${azure.subscriptionId}/resourceGroups/rg-production/providers/Microsoft.Compute/virtualMachines/vm-healthy`;
    const error = (await asked.catch((thrown: unknown) => thrown)) as { message: string };
    expect(error).toMatchObject({ statusCode: 403, code: 'AuthorizationFailed' });
    expect(error.message.startsWith(names().observe)).toBe(true);
    expect(error.message).toContain(
      `does not have authorization to perform action 'Microsoft.Compute/virtualMachines/restart/action' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  });

  it('cannot snapshot a disk that it may not read: LinkedAuthorizationFailed names both sides', async () => {
    const error = (await beginSnapshot().catch((thrown: unknown) => thrown)) as { message: string };
    expect(error).toMatchObject({ statusCode: 403, code: 'LinkedAuthorizationFailed' });
    expect(error.message.startsWith(names().repair)).toBe(true);
    expect(error.message).toMatch(
      /has permission to perform action 'Microsoft\.Compute\/snapshots\/write' on scope '[^']+\/snapshots\/s'; however, it does not have permission to perform action\(s\) 'Microsoft\.Compute\/disks\/beginGetAccess\/action' on the linked scope\(s\) '[^']+' \(respectively\) or the linked scope\(s\) are invalid\.$/,
    );
  });

  it('is told of the first missing action first, once that too is taken away', async () => {
    await azure.control('POST', '/roles/remove-action', { action: 'Microsoft.Compute/snapshots/write' });
    await expect(beginSnapshot()).rejects.toMatchObject({ statusCode: 403, code: 'AuthorizationFailed' });
  });
});
