import { openTemplate } from '../../../local/disk/open-template';
import { identifyAs } from '../../../local/disk/partition-identity';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { sourceOf } from './support/readers-of-others';

/** The table as the product reads it, which believes no copy without its checksum. */
function tableOf(disk: SparseDisk) {
  return readPartitions(sourceOf(disk));
}

describe.each(['V1', 'V2'] as const)('local/disk/partition-identity: generation %s', (generation) => {
  it('is in the table, whose layout stays', async () => {
    const disk = openTemplate(generation);
    const before = await tableOf(disk);
    identifyAs(disk, 'image-a');
    const after = await tableOf(disk);

    expect(after.diskId).not.toEqual(before.diskId);
    expect(after.readFrom).toBe(before.readFrom);
    const layout = (table: typeof before) => table.partitions.map(({ start, size }) => ({ start, size }));
    expect(layout(after)).toEqual(layout(before));
  });

  it('is the same for the same name, and another for another name', async () => {
    const [one, same, other] = [openTemplate(generation), openTemplate(generation), openTemplate(generation)];
    expect(identifyAs(one, 'image-a')).toEqual(identifyAs(same, 'image-a'));
    identifyAs(other, 'image-b');
    expect(await tableOf(one)).toEqual(await tableOf(same));
    expect((await tableOf(other)).diskId).not.toEqual((await tableOf(one)).diskId);
  });
});

describe('local/disk/partition-identity', () => {
  it('stands in both copies of a GPT', async () => {
    const disk = openTemplate('V2');
    const identity = identifyAs(disk, 'image-a');
    disk.write(512, Buffer.alloc(512)); // the first header is lost
    const table = await tableOf(disk);

    expect(table.readFrom).toBe('backup');
    expect(identity).toMatchObject({ style: 'gpt', diskId: String(table.diskId).toLowerCase() });
  });
});
