import fc from 'fast-check';
import { openTemplate } from '../../../local/disk/open-template';
import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { sliceSource } from '../../../src/disk/byte-source';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { openVolume } from '../../../src/disk/volumes/open-volume';
import {
  apply,
  emptyModel,
  expectedOf,
  foundBy,
  foundByProduct,
  steps,
  type Listing,
  type Step,
} from './support/model';
import { areInstalled, run, sourceOf, withFileOf } from './support/readers-of-others';

/** Where the volumes lie is asked of the product's reader: ours is not trusted to find what it wrote. */
async function placeOf(disk: SparseDisk, which: 'system' | 'windows') {
  const { style, partitions } = await readPartitions(sourceOf(disk));
  const place = partitions.find((each) =>
    which === 'windows' ? each.size > 2 ** 36 : style === 'gpt' ? each.isEfiSystem : each.active,
  );
  if (!place) throw new Error(`no ${which} partition`);
  return place;
}

const VOLUMES = [
  { title: 'the Windows volume (NTFS, 126 GiB)', generation: 'V1', which: 'windows', below: 'Windows\\Temp\\work' },
  { title: 'the system partition of generation 1 (NTFS)', generation: 'V1', which: 'system', below: 'Boot\\work' },
  { title: 'the system partition of generation 2 (FAT32)', generation: 'V2', which: 'system', below: 'EFI\\work' },
] as const;

const SEED = Number(process.env.FUZZ_SEED ?? 20240305);

describe.each(VOLUMES)('local/disk/volumes: $title', ({ generation, which, below }) => {
  /** A new disk after these steps, and what must be on it. */
  function diskAfter(sequence: readonly Step[]): { disk: SparseDisk; expected: Listing } {
    const disk = openTemplate(generation);
    const volume = openWindowsDisk(disk)[which];
    volume.makeDirectory(below);
    const model = emptyModel();
    for (const step of sequence) apply(step, volume, below, model);
    return { disk, expected: expectedOf(model) };
  }

  it('holds what was written, for us and for the product’s reader, whatever was done before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const { disk, expected } = diskAfter(sequence);
        expect(foundBy(openWindowsDisk(disk)[which], below, expected)).toEqual(expected);
        const { start, size } = await placeOf(disk, which);
        const opened = await openVolume(sliceSource(sourceOf(disk), start, size));
        if (!('files' in opened)) throw new Error(`the volume is ${opened.kind}`);
        expect(await foundByProduct(opened.files, below, expected)).toEqual(expected);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 12), seed: SEED },
    );
  });

  const isNtfs = which === 'windows' || generation === 'V1';
  const tools = isNtfs ? ['ntfsfix', 'ntfsresize', 'ntfsls', 'ntfscat'] : ['fsck.fat', 'mtype', 'mdir'];
  const itWithTools = areInstalled(...tools) ? it : it.skip;

  itWithTools(`is sound for ${tools.join(', ')} (skipped where they are not installed)`, async () => {
    // The first samples are short ones: those that do most are worth the tools' time.
    const samples = fc.sample(steps, { numRuns: 30, seed: SEED }).sort((left, right) => right.length - left.length);
    for (const sequence of samples.slice(0, 4)) {
      const { disk, expected } = diskAfter(sequence);
      const place = await placeOf(disk, which);
      withFileOf(disk, place, (path) => {
        if (isNtfs) expectSoundNtfs(path, below, expected);
        else expectSoundFat(path, below, expected);
      });
    }
  });
});

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
