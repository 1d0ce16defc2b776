import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recoveryActions } from '../../src/policy/recovery-route';
import { rollbackActions } from '../../src/policy/rollback';
import { infraFolder, readBicep } from './support/bicep';

interface Role {
  Name: string;
  IsCustom: boolean;
  Description: string;
  Actions: string[];
  NotActions: string[];
  DataActions: string[];
  NotDataActions: string[];
  AssignableScopes: string[];
}

const folder = join(infraFolder, 'roles');
const roles = readdirSync(folder).map((file) => ({
  file,
  role: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Role,
}));
const allActions = roles.flatMap(({ role }) => role.Actions);

describe('infra/roles: the custom roles', () => {
  it('are the three that every installation has, the two that let VMs be stopped, and one that lists alerts', () => {
    expect(roles.map(({ file }) => file).sort()).toEqual([
      'alerts.json',
      'helper.json',
      'observe.json',
      'recovery.json',
      'repair.json',
      'workbench.json',
    ]);
  });

  it.each(roles)('$file has every field of a role definition and nothing that widens it', ({ role }) => {
    expect(Object.keys(role)).toEqual([
      'Name',
      'IsCustom',
      'Description',
      'Actions',
      'NotActions',
      'DataActions',
      'NotDataActions',
      'AssignableScopes',
    ]);
    expect(role.IsCustom).toBe(true);
    expect(role.Name).toMatch(/^RDP Lifeline \w+$/);
    expect(role.Description.length).toBeGreaterThan(20);
    expect(role.Actions.length).toBeGreaterThan(0);
    expect([role.NotActions, role.DataActions, role.NotDataActions]).toEqual([[], [], []]);
    expect(role.AssignableScopes).toEqual(['/subscriptions/00000000-0000-0000-0000-000000000000']);
  });

  it('name exact operations of the five providers that are asked, without a wildcard', () => {
    for (const action of allActions) {
      expect(action).toMatch(
        /^Microsoft\.(AlertsManagement|Authorization|Compute|Network|SerialConsole)(\/[a-zA-Z]+)+\/(read|write|delete|action)$/,
      );
    }
  });

  it('only look at what is not Compute, but for the helper’s own network interfaces', () => {
    const writes = roles.flatMap(({ file, role }) =>
      role.Actions.filter((action) => !action.startsWith('Microsoft.Compute/') && !action.endsWith('/read')).map(
        (action) => `${file} ${action}`,
      ),
    );
    expect(writes).toEqual([
      'helper.json Microsoft.Network/networkInterfaces/write',
      'helper.json Microsoft.Network/networkInterfaces/delete',
      'helper.json Microsoft.Network/networkInterfaces/join/action',
      'helper.json Microsoft.Network/virtualNetworks/subnets/join/action',
      'observe.json Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action',
    ]);
  });

  it('give each action once, so that no identity can do what another is for', () => {
    const lowered = allActions.map((action) => action.toLowerCase());
    expect(lowered.filter((action, index) => lowered.indexOf(action) !== index)).toEqual([]);
  });

  it('never delete, stop or change a virtual machine or a disk, unless the optional roles were granted', () => {
    const always = roles.filter(({ file }) => !['recovery.json', 'helper.json'].includes(file));
    const actions = always.flatMap(({ role }) => role.Actions);
    expect(
      actions.filter((action) => /\/(?:virtualMachines|disks)\/(?:write|delete|powerOff|start)/i.test(action)),
    ).toEqual([]);
    expect(actions.filter((action) => action.endsWith('/delete'))).toEqual([
      'Microsoft.Compute/virtualMachines/runCommands/delete',
      // Of the workbench alone: its own snapshots, once they have expired.
      'Microsoft.Compute/snapshots/delete',
    ]);
  });

  it('grant what is done to take an exchange back wherever the exchange itself is granted, and nothing more for it', () => {
    const { patient, disks, workbench } = rollbackActions;
    const exchanging = Object.values(recoveryActions).flatMap((one): string[] => [...one]);
    expect([...patient, ...disks, ...workbench].filter((action) => !exchanging.includes(action))).toEqual([]);
    expect([...patient, ...disks, ...workbench].filter((action) => !allActions.includes(action))).toEqual([]);
  });

  it('delete virtual machines in the workbench only', () => {
    const deleting = roles.filter(({ role }) => role.Actions.includes('Microsoft.Compute/virtualMachines/delete'));
    expect(deleting.map(({ file }) => file)).toEqual(['helper.json']);
    expect(readBicep('recovery-grant.bicep').code).not.toContain('helper');
  });

  it('let the bytes of snapshots be read in the workbench only, and let who may open them close them', () => {
    const openers = roles.filter(({ role }) =>
      role.Actions.includes('Microsoft.Compute/snapshots/beginGetAccess/action'),
    );
    expect(openers.map(({ file }) => file)).toEqual(['workbench.json']);
    expect(openers[0]?.role.Actions).toContain('Microsoft.Compute/snapshots/endGetAccess/action');
  });

  it('let observing read, and ask for the rules that apply to an interface, which changes nothing; no more', () => {
    const observe = roles.find(({ file }) => file === 'observe.json')?.role;
    expect(observe?.Actions.filter((action) => !action.endsWith('/read'))).toEqual([
      'Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action',
    ]);
  });

  it('reach Azure from these files: Bicep loads each and lists no action of its own', () => {
    const { code } = readBicep('app/roles.bicep');
    for (const { file } of roles) expect(code).toContain(`loadJsonContent('../roles/${file}')`);
    expect(code).not.toContain('Microsoft.Compute');
    for (const name of ['observe', 'repair', 'workbench', 'recovery', 'helper']) {
      for (const [key, field] of [
        ['actions', 'Actions'],
        ['notActions', 'NotActions'],
        ['dataActions', 'DataActions'],
        ['notDataActions', 'NotDataActions'],
      ]) {
        expect(code).toContain(`${key}: ${name}.${field}`);
      }
    }
  });
});
