/** The model of a VM of the fleet: what differs between them comes from the fleet's data. */
import type { FleetMember } from '../fleet';
import type { MachineModel } from './machine-settings';

const windowsImage = {
  publisher: 'MicrosoftWindowsServer',
  offer: 'WindowsServer',
  version: 'latest',
  exactVersion: '20348.2762.241006',
};
const linuxImage = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};

/** The model of a VM that has been there when the story begins. */
export function fleetModel(machineId: string, member: FleetMember, diskId: string): MachineModel {
  const group = machineId.replace(/\/providers\/.*$/, '');
  const sku = member.generation === 'V1' ? '2022-datacenter' : '2022-datacenter-g2';
  return {
    size: 'Standard_D2s_v5',
    zones: [],
    diskControllerType: 'SCSI',
    image: member.osType === 'Windows' ? { ...windowsImage, sku } : linuxImage,
    osDisk: { diskId, createOption: 'FromImage', caching: 'ReadWrite', deleteOption: 'Detach' },
    dataDisks: [],
    networkInterfaces: [{ id: `${group}/providers/Microsoft.Network/networkInterfaces/${member.name}-nic` }],
    computerName: member.name,
    adminUsername: 'azureuser',
    enableAutomaticUpdates: true,
  };
}
