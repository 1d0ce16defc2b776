import { readConfiguration } from '../../../src/azure/arm/virtual-machine-configuration';

describe('azure/arm/virtual-machine-configuration', () => {
  it('reads what the machine is made of', () => {
    const read = readConfiguration({
      location: 'westeurope',
      zones: ['2'],
      etag: '"7"',
      hardwareProfile: { vmSize: 'Standard_E2bds_v5' },
      licenseType: 'Windows_Server',
      plan: { name: 'n', publisher: 'p', product: 'o', promotionCode: 'x' },
      identity: { type: 'SystemAssigned' },
      managedBy: '/scale-set',
      priority: 'Spot',
      evictionPolicy: 'Deallocate',
      host: { id: '/host' },
      availabilitySet: { id: '/set' },
      capacityReservation: { capacityReservationGroup: { id: '/reservation' } },
      additionalCapabilities: { hibernationEnabled: true },
      securityProfile: {
        securityType: 'TrustedLaunch',
        encryptionAtHost: true,
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
      networkProfile: { networkInterfaces: [{ id: '/nic-2' }, { id: '/nic-1', primary: true }] },
      storageProfile: {
        diskControllerType: 'NVMe',
        imageReference: { publisher: 'P', offer: 'O', sku: 'S', version: 'latest' },
        osDisk: {
          name: 'os',
          createOption: 'FromImage',
          caching: 'ReadOnly',
          writeAcceleratorEnabled: true,
          deleteOption: 'Delete',
          diskSizeGB: 127,
          managedDisk: { id: '/os', storageAccountType: 'Premium_LRS', diskEncryptionSet: { id: '/des' } },
        },
        dataDisks: [
          { lun: 2, name: 'd', createOption: 'Attach', caching: 'None', toBeDetached: true, managedDisk: { id: '/d' } },
        ],
      },
    });

    expect(read).toMatchObject({
      size: 'Standard_E2bds_v5',
      zones: ['2'],
      etag: '"7"',
      diskControllerType: 'NVMe',
      licenseType: 'Windows_Server',
      plan: { name: 'n', publisher: 'p', product: 'o' },
      identityType: 'SystemAssigned',
      managedBy: '/scale-set',
      priority: 'Spot',
      evictionPolicy: 'Deallocate',
      hostId: '/host',
      availabilitySetId: '/set',
      capacityReservationGroupId: '/reservation',
      hibernationEnabled: true,
      securityType: 'TrustedLaunch',
      secureBoot: true,
      vTpm: true,
      encryptionAtHost: true,
      networkInterfaceIds: ['/nic-1', '/nic-2'],
      osDisk: {
        name: 'os',
        createOption: 'FromImage',
        caching: 'ReadOnly',
        writeAcceleratorEnabled: true,
        deleteOption: 'Delete',
        storageAccountType: 'Premium_LRS',
        diskEncryptionSetId: '/des',
        sizeGiB: 127,
      },
      dataDisks: [{ lun: 2, diskId: '/d', name: 'd', caching: 'None', toBeDetached: true }],
    });
  });

  it('reads the extensions, by publisher and type, where Azure lists them', () => {
    const listed = {
      name: 'VMSnapshot',
      publisher: 'Microsoft.Azure.RecoveryServices',
      typePropertiesType: 'VMSnapshot',
    };
    const { extensions } = readConfiguration({
      location: 'westeurope',
      resources: [{ ...listed, location: 'westeurope' }],
    });
    expect(extensions).toEqual([{ name: 'VMSnapshot', publisher: listed.publisher, type: 'VMSnapshot' }]);
  });

  it('invents nothing', () => {
    const read = readConfiguration({ location: 'westeurope' });
    expect(JSON.parse(JSON.stringify(read))).toEqual({ zones: [], dataDisks: [], networkInterfaceIds: [] });
  });

  it.each([
    ['ProvisioningState/succeeded', undefined],
    ['ProvisioningState/updating', undefined],
    ['ProvisioningState/failed/AllocationFailed', { code: 'AllocationFailed', message: 'No room.' }],
    ['ProvisioningState/Failed/AllocationFailed', { code: 'AllocationFailed', message: 'No room.' }],
    ['ProvisioningState/failed', { code: 'Unknown', message: 'No room.' }],
  ])('tells from %s whether and why the last operation failed', (code, provisioningFailure) => {
    const time = new Date('2026-01-02T03:04:05.000Z');
    const statuses = [{ code: 'PowerState/stopped' }, { code, message: 'No room.', time }];
    expect(readConfiguration({ location: 'westeurope', instanceView: { statuses } })).toMatchObject({
      changedAt: '2026-01-02T03:04:05.000Z',
      ...(provisioningFailure ? { provisioningFailure } : {}),
    });
  });
});
