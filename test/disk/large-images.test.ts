/**
 * What only shows when files are large and lie in pieces; the images and answers are make-large-images.sh's. More of it:
 * large-images.full.test.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import { sliceSource } from '../../src/disk/byte-source';
import { openNtfs } from '../../src/disk/ntfs/open-ntfs';
import { readPartitions } from '../../src/disk/partitions/read-partitions';
import { openHive, type Hive } from '../../src/disk/registry/hive';
import { openVolume } from '../../src/disk/volumes/open-volume';
import { readDiskEvidence } from '../../src/guest/snapshot-disk';
import { allNeeds, given, inBlocks } from '../guest/snapshot-disk/support/disks';
import { expectedAnswer, expectedFiles, foundFiles, imagePath, sorted } from './support/expected-files';
import {
  config,
  digestOf,
  expectBroughtUpToDate,
  largeDiskAnswers,
  openCleanDisk,
  openDirtyDisk,
  openFile,
  type HiveDigest,
} from './support/large-disk';
import { openSparseImage } from './support/sparse-image';

const MiB = 1024 * 1024;

async function startTypeOfDhcp(hive: Hive): Promise<unknown> {
  const value = await (await hive.findKey(['ControlSet001', 'Services', 'Dhcp']))?.value('Start');
  return value?.type === 'REG_DWORD' ? value.number : value;
}

describe('disk/large-images: a hive of 18 MiB in more than a hundred pieces of an NTFS volume', () => {
  const answers = largeDiskAnswers();

  it('is read as it lies where it is clean, whatever its log holds', async () => {
    const disk = await openCleanDisk();
    const [system, software] = [await openFile(disk, 'SYSTEM'), await openFile(disk, 'SOFTWARE')];
    expect(answers.piecesOfSystem).toBeGreaterThan(100);
    expect(system.size).toBeGreaterThanOrEqual(16 * MiB);
    expect(software.size).toBeGreaterThanOrEqual(8 * MiB);
    const log1 = (await openFile(disk, 'SYSTEM.LOG1')).source;
    const hive = await openHive(system.source, { log1 });
    expect(hive.recovery).toEqual({ state: 'clean' });
    expect(await startTypeOfDhcp(hive)).toBe(2);
    expect(await digestOf(await openHive(software.source))).toEqual(answers.before.hives.SOFTWARE);
  });

  it('is brought up to date from its log, as hivex reads the state after it: SOFTWARE', async () => {
    await expectBroughtUpToDate('SOFTWARE', MiB / 4);
  });

  it('is told to be out of date where its log is not there, and read as it lies', async () => {
    const hive = await openHive((await openFile(openDirtyDisk(), 'SYSTEM')).source);
    expect(hive.recovery.state).toBe('dirty-without-usable-logs');
    expect(await startTypeOfDhcp(hive)).toBe(2);
  });

  it('costs a key and its value a few requests, and not the hive', async () => {
    const blocks = inBlocks(await openCleanDisk());
    const hive = await openHive((await openFile(blocks, 'SYSTEM')).source);
    const before = blocks.spent();
    const service = await hive.findKey(['ControlSet001', 'Services', 'service599']);
    expect(await service?.value('Tag')).toMatchObject({ number: 599 });
    const spent = blocks.spent();
    expect(spent.requests - before.requests).toBeLessThanOrEqual(12);
    expect(spent.bytes).toBeLessThanOrEqual(MiB);
  });
});

describe('disk/large-images: all evidence of a disk with large hives', () => {
  it.each([
    ['before', openCleanDisk, { requests: 60, bytes: 2 * MiB }],
    ['after', () => Promise.resolve(openDirtyDisk()), { requests: 120, bytes: 8 * MiB }],
  ] as const)('is what hivex and evtxexport read in the state %s, at a bounded price', async (state, open, price) => {
    const blocks = inBlocks(await open());
    const needs = allNeeds.filter(({ kind }) => kind !== 'volume-state');
    const reading = await readDiskEvidence(blocks, needs, given);
    const found = reading.kind === 'read' ? reading.evidence : [];
    const { evidence } = largeDiskAnswers()[state];
    expect(found).toHaveLength(evidence.length);
    for (const { from, ...fact } of found) {
      const told = { ...fact, lastWritten: from.lastWritten };
      expect(evidence.filter((one) => matches(told, one))).toHaveLength(1);
    }
    expect(blocks.spent().requests).toBeLessThanOrEqual(price.requests);
    expect(blocks.spent().bytes).toBeLessThanOrEqual(price.bytes);
  });
});

/** Whether a fact is all that the tools say, which do not tell the last write of each. */
function matches(fact: Record<string, unknown>, expected: Record<string, unknown>): boolean {
  return Object.entries(expected).every(([name, value]) => isDeepStrictEqual(fact[name], value));
}

describe('disk/large-images: boot stores of several loaders', () => {
  it('are read as hivex reads them from the EFI system partition of generation 2', async () => {
    const disk = openDirtyDisk();
    const [partition] = (await readPartitions(disk)).partitions;
    const volume = await openVolume(sliceSource(disk, partition?.start ?? 0, partition?.size ?? 0));
    if (volume.kind !== 'fat32') throw new Error(`the partition is ${volume.kind}`);
    const { source } = await volume.files.openFile(String.raw`\EFI\Microsoft\Boot\BCD`);
    expect(await digestOf(await openHive(source))).toEqual(largeDiskAnswers().after.hives.BCD);
  });

  it('are read as hivex reads them from the active partition of generation 1, and so is its Windows', async () => {
    const disk = openSparseImage(imagePath('large/gen1.sparse.gz.gz'));
    const { hives } = expectedAnswer('large/gen1') as { hives: Record<string, HiveDigest> };
    const found: Record<string, HiveDigest> = {};
    for (const { start, size, active } of (await readPartitions(disk)).partitions) {
      const files = await openNtfs(sliceSource(disk, start, size));
      const paths = active ? [String.raw`\Boot\BCD`] : [`${config}\\SYSTEM`, `${config}\\SOFTWARE`];
      for (const path of paths) {
        const { source } = await files.openFile(path);
        found[path.replace(/^.*\\/u, '')] = await digestOf(await openHive(source));
      }
    }
    expect(found).toEqual(hives);
  });
});

describe('disk/large-images: a master file table of more than 200,000 records in more than a hundred pieces', () => {
  const image = openSparseImage(imagePath('large/many-records.sparse.gz.gz'));
  const answer = expectedAnswer('large/many-records') as { records: number; pieces: number };

  it('has files at its beginning and its end where ntfsinfo finds them', async () => {
    expect(answer.records).toBeGreaterThan(200_000);
    expect(answer.pieces).toBeGreaterThan(100);
    const { directories, files } = expectedFiles('large/many-records');
    expect(Math.max(...files.map(({ record }) => record ?? 0))).toBeGreaterThan(200_000);
    const found = await foundFiles(await openNtfs(image), { directories, files });
    expect(found).toEqual({ directories: directories.map(sorted), files });
  });

  it('costs a path to its last record no more than a dozen reads', async () => {
    const before = image.reads.count;
    const volume = await openNtfs(image);
    expect((await volume.openFile(String.raw`\299\1999`)).size).toBe(17);
    expect(image.reads.count - before).toBeLessThanOrEqual(12);
    await expect(volume.openFile(String.raw`\299\2000`)).rejects.toMatchObject({ code: 'not-found' });
  });
});
