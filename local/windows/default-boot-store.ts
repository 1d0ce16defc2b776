/** The boot configuration of a Windows Server 2022 as Azure's images have it: one loader, serial console switched on. */
import {
  bootBoolean,
  bootElements,
  bootInteger,
  objectTypes,
  wellKnownObjects,
  writeBootElement,
  writeBootObject,
} from './boot-store';
import type { DiskContent, RegistryData } from './content';
import type { GuestLanguage } from './language';

/** Where the two partitions of a system disk are, as the store names them. */
export type DiskIdentity =
  | { style: 'gpt'; diskId: string; systemPartitionId: string; windowsPartitionId: string }
  | { style: 'mbr'; signature: number; systemPartitionOffset: number; windowsPartitionOffset: number };

/** The loader's and the resume object's ids: Windows makes them up when it is installed. */
export const installedLoaderId = '{6b3e1f52-0c7d-11ed-9a41-806e6f6e6963}';
const resumeObjectId = '{6b3e1f51-0c7d-11ed-9a41-806e6f6e6963}';

type Elements = Readonly<Record<number, RegistryData>>;

/**
 * Writes the store. Elements: the stores of German and French machines that are printed in public logs (bcdedit /enum
 * all); EMS as MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/serial-console-windows.md
 * prescribes for images.
 */
export function writeDefaultBootStore(content: DiskContent, language: GuestLanguage, disk: DiskIdentity): void {
  // TreatAsSystem and its neighbours: hives that hivexregedit printed in buildpacks/imgutil's tests.
  content.writeValue('BCD\\Description', 'KeyName', text('BCD00000000'));
  content.writeValue('BCD\\Description', 'System', { type: 'REG_DWORD', data: 1 });
  content.writeValue('BCD\\Description', 'TreatAsSystem', { type: 'REG_DWORD', data: 1 });
  writeApplications(content, language, disk);
  writeSettings(content);
}

function writeApplications(content: DiskContent, language: GuestLanguage, disk: DiskIdentity): void {
  const isUefi = disk.style === 'gpt';
  const system = partitionDevice(disk, 'system');
  const windows = partitionDevice(disk, 'windows');
  const suffix = isUefi ? 'efi' : 'exe';
  // A BIOS machine's boot manager has no path: its boot sector knows the file.
  const managerPath: Elements = isUefi ? { 0x12000002: text('\\EFI\\Microsoft\\Boot\\bootmgfw.efi') } : {};
  const { bootmgr, memdiag, globalsettings, bootloadersettings, resumeloadersettings } = wellKnownObjects;
  write(content, bootmgr, objectTypes.bootManager, {
    0x11000001: system,
    ...managerPath,
    0x12000004: text('Windows Boot Manager'),
    0x12000005: text(language),
    0x14000006: list(globalsettings),
    0x16000020: bootBoolean(true), // bootems
    [bootElements.defaultObject]: text(installedLoaderId),
    0x23000006: text(resumeObjectId),
    [bootElements.displayOrder]: list(installedLoaderId),
    0x24000010: list(memdiag),
    0x25000004: bootInteger(5), // timeout, seconds
    0x26000020: bootBoolean(true), // displaybootmenu
  });
  write(content, installedLoaderId, objectTypes.windowsLoader, {
    0x11000001: windows,
    [bootElements.applicationPath]: text(`\\Windows\\system32\\winload.${suffix}`),
    0x12000004: text('Windows Server'),
    0x12000005: text(language),
    0x14000006: list(bootloadersettings),
    0x16000009: bootBoolean(false), // recoveryenabled
    0x16000060: bootBoolean(true), // isolatedcontext
    0x17000077: bootInteger(0x15000075), // allowedinmemorysettings
    [bootElements.osDevice]: windows,
    0x22000002: text('\\Windows'),
    0x23000003: text(resumeObjectId),
    [bootElements.noExecute]: bootInteger(1), // OptOut
    0x250000c2: bootInteger(1), // bootmenupolicy Standard
    0x260000b0: bootBoolean(true), // ems
  });
  write(content, resumeObjectId, objectTypes.resumeLoader, {
    0x11000001: windows,
    0x12000002: text(`\\Windows\\system32\\winresume.${suffix}`),
    0x12000004: text('Windows Resume Application'),
    0x12000005: text(language),
    0x14000006: list(resumeloadersettings),
    0x16000060: bootBoolean(true),
    0x17000077: bootInteger(0x15000075),
    0x21000001: windows, // filedevice
    0x22000002: text('\\hiberfil.sys'), // filepath
    0x25000008: bootInteger(1), // bootmenupolicy Standard
  });
  write(content, memdiag, objectTypes.memoryDiagnostic, {
    0x11000001: system,
    0x12000002: text(isUefi ? '\\EFI\\Microsoft\\Boot\\memtest.efi' : '\\boot\\memtest.exe'),
    0x12000004: text('Windows Memory Diagnostic'),
    0x12000005: text(language),
    0x14000006: list(globalsettings),
    0x1600000b: bootBoolean(true), // badmemoryaccess
  });
}

function writeSettings(content: DiskContent): void {
  const { dbgsettings, emssettings, badmemory, globalsettings, hypervisorsettings } = wellKnownObjects;
  write(content, emssettings, objectTypes.settings, {
    0x15000022: bootInteger(1), // emsport
    0x15000023: bootInteger(115_200), // emsbaudrate
    0x16000020: bootBoolean(true),
  });
  write(content, dbgsettings, objectTypes.settings, { 0x15000011: bootInteger(4) }); // debugtype Local
  write(content, badmemory, objectTypes.settings, {});
  write(content, globalsettings, objectTypes.settings, { 0x14000006: list(dbgsettings, emssettings, badmemory) });
  write(content, wellKnownObjects.bootloadersettings, objectTypes.loaderSettings, {
    0x14000006: list(globalsettings, hypervisorsettings),
  });
  write(content, hypervisorsettings, objectTypes.loaderSettings, {
    0x250000f3: bootInteger(0), // hypervisordebugtype Serial
    0x250000f4: bootInteger(1), // hypervisordebugport
    0x250000f5: bootInteger(115_200), // hypervisorbaudrate
  });
  write(content, wellKnownObjects.resumeloadersettings, objectTypes.resumeSettings, {
    0x14000006: list(globalsettings),
  });
}

function write(content: DiskContent, id: string, type: number, elements: Elements): void {
  writeBootObject(content, id, type);
  for (const [element, data] of Object.entries(elements)) writeBootElement(content, id, Number(element), data);
}

function text(data: string): RegistryData {
  return { type: 'REG_SZ', data };
}

function list(...data: string[]): RegistryData {
  return { type: 'REG_MULTI_SZ', data };
}

/**
 * A partition as a device element names it, 88 bytes: the partition's GUID or its offset, then the disk's GUID or
 * signature, with 0 for GPT and 1 for MBR between them (jpz4085/BCD-SYS:Linux/update_device.sh writes the same).
 */
function partitionDevice(disk: DiskIdentity, which: 'system' | 'windows'): RegistryData {
  const bytes = Buffer.alloc(88);
  bytes.writeUInt32LE(6, 16);
  bytes.writeUInt32LE(72, 24);
  if (disk.style === 'gpt') {
    guidBytes(which === 'system' ? disk.systemPartitionId : disk.windowsPartitionId).copy(bytes, 32);
    guidBytes(disk.diskId).copy(bytes, 56);
  } else {
    const offset = which === 'system' ? disk.systemPartitionOffset : disk.windowsPartitionOffset;
    bytes.writeBigUInt64LE(BigInt(offset), 32);
    bytes.writeUInt32LE(1, 52);
    bytes.writeUInt32LE(disk.signature, 56);
  }
  return { type: 'REG_BINARY', data: bytes };
}

/** A GUID's bytes: its first three groups are stored least significant byte first. */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replace(/[{}-]/g, ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
