import type { ByteSource } from '../byte-source';
import { parseFatBootSector, type FatKind } from '../fat/boot-sector';
import { openFat } from '../fat/open-fat';
import { isNtfsBootSector } from '../ntfs/boot-sector';
import { openNtfs, type NtfsVolume } from '../ntfs/open-ntfs';
import type { FileVolume } from './file-volume';

export type FileSystemKind = 'ntfs' | FatKind | 'bitlocker' | 'unknown';

/** A partition by what is on it. BitLocker's content can't be read without its key, and an unknown one not at all. */
export type OpenedVolume =
  | { readonly kind: 'ntfs'; readonly files: NtfsVolume }
  | { readonly kind: FatKind; readonly files: FileVolume }
  | { readonly kind: 'bitlocker' | 'unknown' };

/** What the boot sector says is on a partition. One read of 512 bytes. */
export async function readFileSystemKind(partition: ByteSource): Promise<FileSystemKind> {
  if (partition.size < 512) return 'unknown';
  const sector = await partition.read(0, 512);
  // https://github.com/libyal/libbde, documentation, "Volume header": the same on every Windows since Vista.
  if (sector.toString('latin1', 3, 11) === '-FVE-FS-') return 'bitlocker';
  if (isNtfsBootSector(sector)) return 'ntfs';
  const fat = parseFatBootSector(sector);
  return 'kind' in fat ? fat.kind : 'unknown';
}

/** Opens what is on a partition. Throws as `openNtfs` and `openFat` do. */
export async function openVolume(partition: ByteSource): Promise<OpenedVolume> {
  const kind = await readFileSystemKind(partition);
  if (kind === 'ntfs') return { kind, files: await openNtfs(partition) };
  if (kind === 'bitlocker' || kind === 'unknown') return { kind };
  return { kind, files: await openFat(partition) };
}
