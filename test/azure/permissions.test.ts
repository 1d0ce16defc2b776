import fc from 'fast-check';
import { deniedActions, missingActions, type DenyAssignment, type Permission } from '../../src/azure/permissions';

const write = 'Microsoft.Compute/virtualMachines/write';
const start = 'Microsoft.Compute/virtualMachines/start/action';

function permission(actions: string[], notActions: string[] = []): Permission {
  return { actions, notActions };
}

describe('azure/permissions: missing actions', () => {
  it.each([
    ['*', []],
    ['Microsoft.Compute/*', []],
    ['Microsoft.Compute/virtualMachines/*', []],
    ['microsoft.compute/VIRTUALMACHINES/WRITE', [start]],
    ['*/write', [start]],
    ['Microsoft.Compute/*/action', [write]],
    ['Microsoft.*/start/*', [write]],
    ['Microsoft.Compute/virtualMachines', [write, start]],
    ['Microsoft.Compute/virtualMachines/writes', [write, start]],
    ['Microsoft.Compute/disks/*', [write, start]],
    ['', [write, start]],
  ])('with %j', (pattern, missing) => {
    expect(missingActions([permission([pattern])], [write, start])).toEqual(missing);
  });

  it('are all without any permission', () => {
    expect(missingActions([], [write, start])).toEqual([write, start]);
  });

  it('are those that a role takes out again, unless another role grants them', () => {
    const contributor = permission(['*'], ['*/start/action']);
    expect(missingActions([contributor], [write, start])).toEqual([start]);
    expect(missingActions([contributor, permission([start])], [write, start])).toEqual([]);
  });

  it('agree with what the stars mean, for any pattern', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (star, action) => {
        const meant = new RegExp(`^${star.replaceAll('*', '.*')}$`).test(action);
        expect(missingActions([permission([star])], [action])).toEqual(meant ? [] : [action]);
      }),
    );
  });

  it('cost little, whatever pattern somebody made up', () => {
    const began = performance.now();
    missingActions([permission(['*a'.repeat(2000)])], ['a'.repeat(1500)]);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('azure/permissions: denied actions', () => {
  const scope = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm';
  const assignment: DenyAssignment = {
    name: 'managed application',
    scope: '/subscriptions/s/resourceGroups/rg',
    permissions: [permission(['*'], ['*/read', start])],
    atScopeOnly: false,
    excludedPrincipalIds: ['application'],
  };

  it('are named with what denies them', () => {
    expect(deniedActions([assignment], { scope, actions: [write, start] })).toEqual([
      { action: write, by: 'managed application' },
    ]);
  });

  it('are none for whom the assignment spares, and none below a scope that it alone means', () => {
    const asked = { scope, actions: [write] };
    expect(deniedActions([assignment], { ...asked, objectId: 'application' })).toEqual([]);
    expect(deniedActions([assignment], { ...asked, objectId: 'another' })).toHaveLength(1);
    expect(deniedActions([{ ...assignment, atScopeOnly: true }], asked)).toEqual([]);
    const at = { ...assignment, atScopeOnly: true, scope: scope.toUpperCase() };
    expect(deniedActions([at], asked)).toHaveLength(1);
  });
});
