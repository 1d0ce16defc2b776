/** What must be true of a volume whatever was done to it: for us, for the product's reader, and for other programs. */
import fc from 'fast-check';
import { openTemplate } from '../../../../local/disk/open-template';
import { openWindowsDisk } from '../../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { sliceSource } from '../../../../src/disk/byte-source';
import { readPartitions } from '../../../../src/disk/partitions/read-partitions';
import { openVolume } from '../../../../src/disk/volumes/open-volume';
import { apply, emptyModel, expectedOf, foundBy, foundByProduct, steps, type Listing, type Step } from './model';
import { run, sourceOf, withFileOf } from './readers-of-others';

export const volumes = [
  { title: 'the Windows volume (NTFS, 126 GiB)', generation: 'V1', which: 'windows', below: 'Windows\\Temp\\work' },
  { title: 'the system partition of generation 1 (NTFS)', generation: 'V1', which: 'system', below: 'Boot\\work' },
  { title: 'the system partition of generation 2 (FAT32)', generation: 'V2', which: 'system', below: 'EFI\\work' },
] as const;
type TestedVolume = (typeof volumes)[number];

/** How many random rows of steps are tried, and which. */
interface Search {
  numRuns: number;
  seed: number;
}

/** What else reads such a volume. */
export function toolsFor(volume: TestedVolume): string[] {
  return isNtfs(volume) ? ['ntfsfix', 'ntfsresize', 'ntfsls', 'ntfscat'] : ['fsck.fat', 'mtype', 'mdir'];
}

/** Expects a volume to hold what was written, for us and for the product's reader, after each of these rows of steps. */
export async function expectToHold(volume: TestedVolume, search: Search): Promise<void> {
  const { which, below } = volume;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { disk, expected } = diskAfter(volume, sequence);
      expect(foundBy(openWindowsDisk(disk)[which], below, expected)).toEqual(expected);
      const { start, size } = await placeOf(disk, which);
      const opened = await openVolume(sliceSource(sourceOf(disk), start, size));
      if (!('files' in opened)) throw new Error(`the volume is ${opened.kind}`);
      expect(await foundByProduct(opened.files, below, expected)).toEqual(expected);
    }),
    search,
  );
}

/** Expects the tools to find a volume sound, with all its files, after each of these rows of steps. */
export async function expectToBeSound(volume: TestedVolume, { numRuns, seed }: Search): Promise<void> {
  const { which, below } = volume;
  // The first samples are short ones: those that do most are worth the tools' time.
  const samples = fc.sample(steps, { numRuns: 30, seed }).sort((left, right) => right.length - left.length);
  for (const sequence of samples.slice(0, numRuns)) {
    const { disk, expected } = diskAfter(volume, sequence);
    const place = await placeOf(disk, which);
    withFileOf(disk, place, (path) => {
      if (isNtfs(volume)) expectSoundNtfs(path, below, expected);
      else expectSoundFat(path, below, expected);
    });
  }
}

function isNtfs({ which, generation }: TestedVolume): boolean {
  return which === 'windows' || generation === 'V1';
}

/** A new disk after these steps, and what must be on it. */
function diskAfter(
  { generation, which, below }: TestedVolume,
  sequence: readonly Step[],
): { disk: SparseDisk; expected: Listing } {
  const disk = openTemplate(generation);
  const volume = openWindowsDisk(disk)[which];
  volume.makeDirectory(below);
  const model = emptyModel();
  for (const step of sequence) apply(step, volume, below, model);
  return { disk, expected: expectedOf(model) };
}

/** Where the volumes lie is asked of the product's reader: ours is not trusted to find what it wrote. */
async function placeOf(disk: SparseDisk, which: 'system' | 'windows') {
  const { style, partitions } = await readPartitions(sourceOf(disk));
  const place = partitions.find((each) =>
    which === 'windows' ? each.size > 2 ** 36 : style === 'gpt' ? each.isEfiSystem : each.active,
  );
  if (!place) throw new Error(`no ${which} partition`);
  return place;
}

function expectSoundNtfs(image: string, below: string, expected: Listing): void {
  // ntfsfix compares $MFT with its mirror; ntfsresize compares every cluster of every file with $Bitmap.
  expect(run('ntfsfix', '--no-action', image)).toMatchObject({ exitCode: 0 });
  expect(run('ntfsresize', '--no-progress-bar', '--info', '--force', image)).toMatchObject({ exitCode: 0, errors: '' });
  const inSlashes = (path: string) => `/${below}/${path}`.replaceAll('\\', '/').replace(/\/$/u, '');
  for (const { path, names } of expected.directories) {
    const { output } = run('ntfsls', '--path', inSlashes(path), image);
    const listed = output
      .toString('utf8')
      .split('\n')
      .filter((name) => !['', '.', '..'].includes(name));
    expect(listed.sort()).toEqual(names);
  }
  for (const { path, bytes } of expected.files.slice(0, 40))
    expect(run('ntfscat', image, inSlashes(path)).output.equals(bytes)).toBe(true);
}

function expectSoundFat(image: string, below: string, expected: Listing): void {
  // Both tables, all chains, and the count of free clusters: what is wrong would stand between these two lines.
  const { exitCode, output: answer } = run('fsck.fat', '-n', image);
  expect(exitCode).toBe(0);
  expect(answer.toString('utf8')).toMatch(/^fsck\.fat [^\n]*\n[^\n]*: \d+ files, \d+\/\d+ clusters\n$/u);
  const inSlashes = (path: string) => `::/${below}/${path}`.replaceAll('\\', '/').replace(/\/$/u, '');
  for (const { path, names } of expected.directories) {
    const { output } = run('mdir', '-b', '-i', image, inSlashes(path));
    const listed = output
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    expect(listed).toHaveLength(names.length);
  }
  for (const { path, bytes } of expected.files.slice(0, 40).filter(({ path: each }) => !each.includes('😀')))
    expect(run('mtype', '-i', image, inSlashes(path)).output.equals(bytes)).toBe(true);
}
