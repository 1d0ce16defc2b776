/** A patient that no command reaches, and how to tell that it is well again. */
import type { SimulatedAzure, VmTruth } from './simulated-azure-client';

/** Disables the DHCP Client and boots: the guest has no address, and its agent is dead. */
export async function cutOff(azure: SimulatedAzure, name: string): Promise<void> {
  await azure.patch(`/vms/${name}/tags`, { tags: { 'rdp-lifeline': 'repair' } });
  await azure.post(`/vms/${name}/guest-service`, { service: 'Dhcp', startType: 4 });
  await azure.post(`/vms/${name}/restart`, {});
}

/** Whether the guest is mended, by its own services and addresses. */
export function isMended({ services, addresses }: VmTruth): boolean {
  return addresses.length > 0 && services.some(({ name, startType }) => name === 'Dhcp' && startType === 2);
}
