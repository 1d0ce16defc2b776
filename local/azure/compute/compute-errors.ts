/**
 * Errors of Microsoft.Compute's writes, word by word. "Error list": MicrosoftDocs/azure-docs:articles/virtual-machines/windows/
 * error-messages.md, whose placeholders are filled here.
 */
import { error, type ArmResponse } from '../arm-errors';

// Recorded: Azure/azure-sdk-for-net#37285
export function changeNotAllowed(property: string): ArmResponse {
  return error(409, 'PropertyChangeNotAllowed', `Changing property '${property}' is not allowed.`, {
    target: property,
  });
}

// jrudlin/Azure#1 and MicrosoftDocs/SupportArticles-docs#214, #338 (code). The answer to a copy that lost its generation.
export function generationMismatch(generation: string): ArmResponse {
  const message = `Swapping OS Disk is not supported since HyperVisor property on the OSDisk and VM do not match. Please make sure the HyperVisor property on the OSDisk is HyperVisor Generation '${generation}'.`;
  return error(409, 'PropertyChangeNotAllowed', message, { target: 'osDisk.managedDisk.id' });
}

/** assumed: the code, and the words between "OS Disk" and "are"; the rest is quoted in public scripts that meet it. */
export function controllerMismatch(wanted: string, diskId: string, supported: string): ArmResponse {
  const message = `Swapping OS Disk is not allowed since Disk Controller Type property '${wanted}' is not supported by the OS Disk '${diskId}'. The supported Disk Controller Types are '${supported}'.`;
  return error(409, 'PropertyChangeNotAllowed', message, { target: 'osDisk.managedDisk.id' });
}

/** assumed: the code and the end of the sentence; the rest is quoted in a support wiki. */
export function architectureMismatch(architecture: string, size: string, diskId: string): ArmResponse {
  const message = `Swapping OS Disk is not allowed since CPU Architecture property '${architecture}' for the VM size '${size}' is not supported by the OS Disk '${diskId}'.`;
  return error(409, 'PropertyChangeNotAllowed', message, { target: 'osDisk.managedDisk.id' });
}

// Azure/azure-sdk-for-python#30479: on creation; assumed: a swap answers the same
export function securityTypeMismatch(): ArmResponse {
  return error(400, 'BadRequest', 'Security type of VM is not compatible with the security type of attached OS Disk.');
}

/** assumed: the words; the code: MicrosoftDocs/azure-docs pull request 56181. */
export function swapWithDiskEncryption(): ArmResponse {
  const message = 'Swapping OS Disk is not supported for VMs using disk encryption.';
  return error(409, 'OSDiskSwapNotSupportedForVMsUsingDiskEncryption', message);
}

// Error list; assumed: that this is the answer to a PUT that swaps the disk and names an image (recorded without one)
export function osDiskBesideImage(): ArmResponse {
  const message = 'Cannot attach an existing OS disk if the VM is created from a platform or user image.';
  return error(400, 'InvalidParameter', message, { target: 'osDisk' });
}

// microsoft/lisa#689; status and code as in MicrosoftLearning/20533-ImplementingMicrosoftAzureInfrastructureSolutions#345
export function premiumNotSupported(size: string, sku: string, diskName: string): ArmResponse {
  const message = `Requested operation cannot be performed because the VM size ${size} does not support the storage account type ${sku} of disk '${diskName}'. Consider updating the VM to a size that supports Premium storage.`;
  return error(400, 'InvalidParameter', message);
}

// jenkins-infra/azure#1406 (2026); without a zone: jrudlin/Azure#7
export function zoneMismatch(diskId: string, vmZone: string, diskZone: string | undefined): ArmResponse {
  const why =
    diskZone === undefined
      ? `it is not in zone '${vmZone}'.`
      : `it is not in the same zone as the VM. VM zone: '${vmZone}'. Disk zone: '${diskZone}'.`;
  return error(400, 'BadRequest', `Disk ${diskId} cannot be attached to the VM because ${why}`);
}

// Error list; MicrosoftDocs on AKS quotes it whole. assumed: 409
export function ownedByAnother(diskId: string, vmId: string): ArmResponse {
  const message = `Disk '${diskId}' cannot be attached as the disk is already owned by VM '${vmId}'.`;
  return error(409, 'ConflictingUserInput', message, { target: diskId });
}

// MicrosoftDocs/azure-docs:articles/virtual-machines/troubleshooting/troubleshoot-vm-deployment-detached.md
export function beingDetached(diskName: string, vmName: string): ArmResponse {
  const message = `Cannot attach data disk '${diskName}' to virtual machine '${vmName}' because the disk is currently being detached or the last detach operation failed. Please wait until the disk is completely detached and then try again or delete/detach the disk explicitly again.`;
  return error(409, 'AttachDiskWhileBeingDetached', message);
}

// Azure/azure-sdk-for-go#678
export function lunInUse(lun: number): ArmResponse {
  return error(400, 'InvalidParameter', `A disk at LUN ${lun} already exists.`, { target: 'dataDisk.lun' });
}

// Error list
export function tooManyDataDisks(maximum: number): ArmResponse {
  const message = `The maximum number of data disks allowed to be attached to a VM of this size is ${maximum}.`;
  return error(409, 'OperationNotAllowed', message, { target: 'dataDisks' });
}

/** assumed: the words; Azure/azure-cli#6965 quotes "parameter 'dataDisk.lun' is out of range". */
export function lunOutOfRange(lun: number): ArmResponse {
  const message = `The value '${lun}' of parameter 'dataDisk.lun' is out of range.`;
  return error(400, 'InvalidParameter', message, { target: 'dataDisk.lun' });
}

/** assumed: status, code and words. */
export function notAttached(diskId: string): ArmResponse {
  const message = `Disk '${diskId}' is not attached to the virtual machine.`;
  return error(400, 'InvalidParameter', message, { target: 'dataDisksToDetach' });
}

// ansible/ansible#54644
export function diskIsAttached(name: string, vmId: string): ArmResponse {
  return error(409, 'OperationNotAllowed', `Disk ${name} is attached to VM ${vmId}.`);
}

// Azure/azure-powershell#24253
export function securityTypeOfCopy(securityType: string): ArmResponse {
  const message = `Security Type '${securityType}' is not supported for CreateOption 'Copy'.`;
  return error(400, 'InvalidParameter', message, { target: 'disk.securityProfile.securityType' });
}

/** assumed: the words; 404 as for a disk that a snapshot is to be made of. */
export function diskNotFound(name: string): ArmResponse {
  return error(404, 'ResourceNotFound', `Disk ${name} is not found.`);
}

// kubernetes-sigs/cloud-provider-azure#9728, of a scale set; assumed: a VM answers the same
export function etagMismatch(given: string, actual: string): ArmResponse {
  const message = `Etag provided in if-match header ${given} does not match etag ${actual} of resource.`;
  return error(412, 'PreconditionFailed', message);
}

/** assumed: the words. */
export function existsAlready(actual: string): ArmResponse {
  const message = `Etag provided in if-none-match header * matches etag ${actual} of resource.`;
  return error(412, 'PreconditionFailed', message);
}

/** Where a VM was to be, as an error names it. */
interface Wanted {
  vmId: string;
  size: string;
  location: string;
  zone: string;
  subscriptionId: string;
}

// MicrosoftDocs/azure-docs:articles/azure-portal/supportability/sku-series-unavailable.md; assumed: 409
export function skuNotAvailable({ vmId, location, zone, subscriptionId }: Wanted): ArmResponse {
  const message = `The requested size for resource '${vmId}' is currently not available in location '${location}' zones '${zone}' for subscription '${subscriptionId}'. Please try another size or deploy to a different location or zones. See https://aka.ms/azureskunotavailable for details.`;
  return error(409, 'SkuNotAvailable', message);
}

/** How much of a quota is asked for. */
interface Exceeded {
  /** `Total Regional` or a family's name, e.g. `standardDSv5Family`. */
  quota: string;
  location: string;
  limit: number;
  used: number;
  required: number;
}

// Quoted in public logs with this code, e.g. MicrosoftDocs/SupportArticles-docs on AKS; the link at its end is left out here
export function quotaExceeded({ quota, location, limit, used, required }: Exceeded): ArmResponse {
  const message = `Operation could not be completed as it results in exceeding approved ${quota} Cores quota. Additional details - Deployment Model: Resource Manager, Location: ${location}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${required}, (Minimum) New Limit Required: ${used + required}.`;
  return error(409, 'OperationNotAllowed', message);
}

/** assumed: code and words, after those of vCPUs. */
export function diskQuotaExceeded(full: { name: string; location: string; limit: number; used: number }): ArmResponse {
  const { name, location, limit, used } = full;
  const message = `Operation could not be completed as it results in exceeding approved ${name} quota. Additional details - Deployment Model: Resource Manager, Location: ${location}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: 1, (Minimum) New Limit Required: ${used + 1}.`;
  return error(409, 'OperationNotAllowed', message);
}

// juju's tests of errors and several public logs; the link at its end: https://aka.ms/azuregen2vm
export function cannotBootGeneration(size: string, generation: 'V1' | 'V2'): ArmResponse {
  const number = generation.slice(1);
  const message = `The selected VM size '${size}' cannot boot Hypervisor Generation '${number}'. If this was a Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size. If this was an Update operation please select a Hypervisor Generation '${number}' VM Size. For more information, see https://aka.ms/azuregen2vm`;
  return error(400, 'BadRequest', message);
}

/** As quoted in fortinet/azure-templates#76; microsoft/lisa#2628 met it with images of generation 1. */
export function controllerOfGenerationOne(): ArmResponse {
  const message =
    'Disk Controller Type is only supported for VMs that are created from a Generation 2 Image or OS disk and VM Size that supports the same, refer to https://docs.microsoft.com/en-us/azure/virtual-machines/generation-2#creating-a-generation-2-vm for more details about creating Generation 2 VM.';
  return error(400, 'InvalidParameter', message, { target: 'storageProfile.diskControllerType' });
}

/** assumed: the words about a size; of an image they are "… is not supported by the OS image". */
export function controllerNotOfSize(size: string, controller: string, supported: string): ArmResponse {
  const message = `Disk Controller Type property '${controller}' is not supported by the VM size '${size}'. The supported Disk Controller Types are '${supported}'.`;
  return error(400, 'InvalidParameter', message, { target: 'storageProfile.diskControllerType' });
}

/** Public logs quote it up to "is not available."; the end as in Azure's own page on aka.ms/azureimage errors. assumed: 404 */
export function imageNotFound(image: { publisher: string; offer: string; sku: string; version: string }): ArmResponse {
  const urn = `${image.publisher}:${image.offer}:${image.sku}:${image.version}`;
  const message = `The platform image '${urn}' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile`;
  return error(404, 'PlatformImageNotFound', message, { target: 'imageReference' });
}

// Error list
export function passwordTooSimple(): ArmResponse {
  const message =
    'The supplied password must be between 8-123 characters long and must satisfy at least 3 of password complexity requirements from the following: 1) Contains an uppercase character 2) Contains a lowercase character 3) Contains a numeric digit 4) Contains a special character 5) Control characters are not allowed';
  return error(400, 'InvalidParameter', message, { target: 'adminPassword' });
}

// Error list
export function adminNameNotAllowed(): ArmResponse {
  return error(400, 'InvalidParameter', 'The Admin Username specified is not allowed.', { target: 'adminUsername' });
}

// Error list
export function computerNameNotAllowed(): ArmResponse {
  const message =
    'Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain the following characters: ` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : . \' " , < > / ?.';
  return error(400, 'InvalidParameter', message, { target: 'computerName' });
}

/** assumed: the words. That they exclude each other: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update (patchMode) */
export function patchModeConflict(): ArmResponse {
  const message = "Patch mode 'Manual' requires 'enableAutomaticUpdates' to be false.";
  return error(400, 'InvalidParameter', message, { target: 'windowsConfiguration.patchSettings.patchMode' });
}

/** assumed: the words; Azure has none that fit: the simulation does not know this change. */
export function notSimulated(what: string): ArmResponse {
  return error(400, 'InvalidParameter', `The simulated Azure does not know how to change ${what}.`, { target: what });
}

// MicrosoftDocs/azure-docs on virtual desktops quotes it whole; code: several public logs
export function invalidReference(missingId: string, byId: string): ArmResponse {
  const message = `Resource ${missingId} referenced by resource ${byId} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`;
  return error(400, 'InvalidResourceReference', message);
}
