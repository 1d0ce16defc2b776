import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileVolume } from '../../../src/disk/volumes/file-volume';

/** What the independent tools said of an image's files (make-disk-images.sh). */
interface ExpectedFiles {
  readonly directories: readonly { readonly directory: string; readonly names: readonly string[] }[];
  readonly files: readonly ExpectedFile[];
}

interface ExpectedFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly record?: number;
  readonly modified?: string;
}

/** Where an image or an expected answer lies. */
export function imagePath(name: string): string {
  return join(__dirname, '../../../fixtures/disk-images', name);
}

/** An expected answer as JSON. */
export function expectedAnswer(name: string): unknown {
  return JSON.parse(readFileSync(imagePath(`${name}.expected.json`), 'utf8'));
}

/** What the tools said of the files. */
export function expectedFiles(name: string): ExpectedFiles {
  return expectedAnswer(name) as ExpectedFiles;
}

/** What our reader says of the same files and directories, in the same words. */
export async function foundFiles(files: FileVolume, expected: ExpectedFiles): Promise<ExpectedFiles> {
  const found: ExpectedFile[] = [];
  for (const { file, modified } of expected.files) {
    const opened = await files.openFile(file.replaceAll('/', '\\'));
    found.push({
      file,
      size: opened.size,
      sha256: createHash('sha256')
        .update(await opened.source.read(0, opened.size))
        .digest('hex'),
      ...('record' in opened && { record: Number(opened.record) }),
      ...(modified !== undefined && opened.modified && { modified: likeTheTool(opened.modified) }),
    });
  }
  const directories = [];
  for (const { directory } of expected.directories)
    directories.push({ directory, names: (await files.listDirectory(directory)).map(({ name }) => name) });
  return { directories: directories.map(sorted), files: found };
}

/** Names in one order, because the tools and we list in others. */
export function sorted<Listing extends { readonly names: readonly string[] }>(listing: Listing): Listing {
  return { ...listing, names: [...listing.names].sort() };
}

/** `Tue Mar  5 06:07:08 2024 UTC`, as ntfsinfo prints it. */
function likeTheTool(time: Date): string {
  const [weekday, day, month, year, clock] = time.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${Number(day).toString().padStart(2)} ${clock} ${year} UTC`;
}
