import { exportDenied, readNetworkAccess } from '../../../src/azure/arm/network-access';

describe('azure/arm/network-access', () => {
  it.each([
    ['networkAccessPolicy', { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' }],
    ['publicNetworkAccess', { networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Disabled' }],
    ['publicNetworkAccess', { publicNetworkAccess: 'Disabled' }],
    ['dataAccessAuthMode', { networkAccessPolicy: 'AllowAll', dataAccessAuthMode: 'AzureActiveDirectory' }],
  ])('names %s as what keeps the bytes from us in %j', (setting, network) => {
    expect(exportDenied(network)).toMatchObject({ kind: 'export-denied', code: 'export-denied', setting });
  });

  it.each([
    [{}],
    [{ networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Enabled', dataAccessAuthMode: 'None' }],
    [{ networkAccessPolicy: 'AllowPrivate', publicNetworkAccess: 'Disabled', diskAccessId: '/d' }],
  ])('finds nothing against trying in %j', (network) => {
    expect(exportDenied(network)).toBeUndefined();
  });

  it('takes what ARM told, and nothing else of the resource', () => {
    const disk = {
      networkAccessPolicy: 'AllowPrivate',
      diskAccessId: '/d',
      publicNetworkAccess: undefined,
      name: 'disk',
    };

    expect(readNetworkAccess(disk)).toEqual({ networkAccessPolicy: 'AllowPrivate', diskAccessId: '/d' });
  });
});
