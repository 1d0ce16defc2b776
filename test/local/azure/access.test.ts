import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessControl, type Identity } from '../../../local/azure/access';

const scope = '/subscriptions/s/resourceGroups/rg';
const disk = `${scope}/providers/Microsoft.Compute/disks/d`;

function rolesFolder(role: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'roles-'));
  writeFileSync(join(folder, 'worker.json'), JSON.stringify(role));
  return folder;
}

function identityOn(assigned: string): Identity {
  return { name: 'w', clientId: 'c', objectId: 'o', assignments: [{ role: 'worker', scope: assigned }] };
}

function controlOf(role: { Actions: string[]; NotActions?: string[] }, identity: Identity) {
  return createAccessControl(rolesFolder({ Name: 'Worker', ...role }), [identity]);
}

describe('local/azure/access: a role', () => {
  const identity = identityOn(scope);

  it('grants what it names, whatever the case, on everything below its scope', () => {
    const access = controlOf({ Actions: ['Microsoft.Compute/disks/read'] }, identity);
    expect(access.isGranted(identity, 'microsoft.compute/DISKS/read', disk.toUpperCase())).toBe(true);
    expect(access.isGranted(identity, 'Microsoft.Compute/disks/write', disk)).toBe(false);
  });

  it('grants nothing on a neighbour whose name begins the same', () => {
    const access = controlOf({ Actions: ['*'] }, identity);
    expect(access.isGranted(identity, 'Microsoft.Compute/disks/read', `${scope}-other/providers/a/b/c`)).toBe(false);
  });

  it('honours wildcards and takes its NotActions out', () => {
    const access = controlOf(
      { Actions: ['Microsoft.Compute/*/read', 'Microsoft.Compute/disks/*'], NotActions: ['*/delete'] },
      identity,
    );
    expect(access.isGranted(identity, 'Microsoft.Compute/virtualMachines/runCommands/read', disk)).toBe(true);
    expect(access.isGranted(identity, 'Microsoft.Compute/disks/write', disk)).toBe(true);
    expect(access.isGranted(identity, 'Microsoft.Compute/disks/delete', disk)).toBe(false);
  });

  it('loses a removed action even where a wildcard grants it', () => {
    const access = controlOf({ Actions: ['*'] }, identity);
    access.removeAction('microsoft.compute/disks/read');
    expect(access.isGranted(identity, 'Microsoft.Compute/disks/read', disk)).toBe(false);
  });
});

describe('local/azure/access: the roles folder', () => {
  it('must have a file for every assigned role', () => {
    const folder = rolesFolder({ Name: 'Worker', Actions: [] });
    const identity: Identity = { ...identityOn(scope), assignments: [{ role: 'boss', scope }] };
    expect(() => createAccessControl(folder, [identity])).toThrow('put boss.json there');
  });

  it('must hold roles', () => {
    expect(() => createAccessControl(rolesFolder({ Name: 'Worker' }), [])).toThrow('is no custom role');
  });
});
