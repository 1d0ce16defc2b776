/** A network interface that was made by a call. */
export interface NetworkInterface {
  id: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  subnetId: string;
  privateIpAddress: string;
  provisioningState: 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
  /** The VM that uses it. */
  virtualMachineId?: string;
  /** After a VM that was to use it could not be made, it is kept for that VM until then. */
  reservedUntil?: number;
  /** The VM that it is kept for. */
  reservedFor?: string;
}
