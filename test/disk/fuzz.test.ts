/**
 * Bytes of whole disks changed, and of the images that the fuzz tests of the single readers do not have: each question goes
 * through all readers down to a value. FUZZ_RUNS sets how often (300; a part of it where an image is large).
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { memorySource } from '../../src/disk/byte-source';
import { readEvents } from '../../src/disk/event-log/read-events';
import { openFixedVhd } from '../../src/disk/fixed-vhd';
import { openNtfs } from '../../src/disk/ntfs/open-ntfs';
import { openHive } from '../../src/disk/registry/hive';
import type { Key } from '../../src/disk/registry/key';
import { sealChunks } from './event-log/support/evtx-writer';
import { fuzzQuestion } from './support/altered-source';
import { imagePath } from './support/expected-files';
import { config, openCleanDisk, openDirtyDisk, windowsPartition } from './support/large-disk';
import { openSparseImage } from './support/sparse-image';

function unpacked(name: string): Buffer {
  return gunzipSync(readFileSync(imagePath(name)));
}

async function valuesOf(key: Key | undefined): Promise<string[]> {
  const values = [];
  for await (const { name, typeCode, bytes } of key?.values() ?? [])
    values.push(`${name} ${typeCode} ${bytes.toString('hex')}`);
  return values;
}

async function namesOf(key: Key | undefined): Promise<string[]> {
  const names = [];
  for await (const { name } of key?.subkeys() ?? []) names.push(name);
  return names;
}

describe('disk/fuzz: a changed disk of 127 GiB', () => {
  it('is read down to a value of a clean hive, or refused', async () => {
    const disk = await openCleanDisk();
    await fuzzQuestion(
      disk,
      async (source) => {
        const files = await openNtfs(await windowsPartition(source));
        const hive = await openHive((await files.openFile(`${config}\\SYSTEM`)).source);
        const service = await hive.findKey(['ControlSet001', 'Services', 'Dhcp']);
        return [await valuesOf(service), await namesOf(await hive.findKey(['ControlSet001', 'Enum', 'PCI']))];
      },
      { share: 0.5, mostPlaces: 200 },
    );
  });

  it('is read down to a value that only a log of 1 MiB has, or refused', async () => {
    await fuzzQuestion(
      openDirtyDisk(),
      async (source) => {
        const files = await openNtfs(await windowsPartition(source));
        const log1 = (await files.openFile(`${config}\\SYSTEM.LOG1`)).source;
        const hive = await openHive((await files.openFile(`${config}\\SYSTEM`)).source, { log1 });
        return [hive.recovery, await valuesOf(await hive.findKey(['ControlSet001', 'Services', 'Dhcp']))];
      },
      { share: 0.1 },
    );
  });

  it('is read down to the records of its event log, or refused', async () => {
    await fuzzQuestion(
      openDirtyDisk(),
      async (source) => {
        const files = await openNtfs(await windowsPartition(source));
        const log = await files.openFile(String.raw`\Windows\System32\winevt\Logs\System.evtx`);
        const [from, to] = [new Date('2026-03-02T06:00:00Z'), new Date('2026-03-02T12:00:00Z')];
        return readEvents(log.source, { providers: [{ name: 'Service Control Manager' }], from, to, limit: 100 });
      },
      { share: 0.3 },
    );
  });
});

describe('disk/fuzz', () => {
  it('a changed table of 200,000 records is read to its end or refused', async () => {
    const image = openSparseImage(imagePath('large/many-records.sparse.gz.gz'));
    await fuzzQuestion(image, async (source) => {
      const files = await openNtfs(source);
      const { record, source: content, size } = await files.openFile(String.raw`\299\1999`);
      return [record, (await content.read(0, size)).toString(), (await files.openFile(String.raw`\100\1000`)).record];
    });
  });

  it('a changed boot store is read or refused', async () => {
    await fuzzQuestion(memorySource(unpacked('registry/bcd.hive.gz')), async (source) => {
      const hive = await openHive(source);
      const objects = await hive.findKey(['Objects']);
      const found = [];
      for await (const object of objects?.subkeys() ?? []) {
        for (const element of await namesOf(await object.subkey('Elements')))
          found.push(
            object.name,
            element,
            await valuesOf(await hive.findKey(['Objects', object.name, 'Elements', element])),
          );
      }
      return found;
    });
  });

  it('a changed hive with lists and values of all kinds is read or refused', async () => {
    await fuzzQuestion(memorySource(unpacked('registry/services.hive.gz')), async (source) => {
      const hive = await openHive(source);
      const found = [];
      for (const path of [['Types'], ['BigData', '50000'], ['ControlSet001', 'Services', 'Dhcp']])
        found.push(await valuesOf(await hive.findKey(path)));
      return [...found, await namesOf(await hive.findKey(['IndexLeaf'])), await namesOf(await hive.findKey(['Names']))];
    });
  });
});

describe.each(['circular', 'dirty-header', 'no-checksums', 'several-chunks', 'value-types'])(
  'disk/fuzz: a changed event log %s',
  (name) => {
    it('is read or refused', async () => {
      const log = unpacked(`event-log/${name}.evtx.gz`);
      await fuzzQuestion(
        memorySource(log),
        (source) => {
          const providers = [{ name: 'Service Control Manager' }, { name: 'Types' }];
          const [from, to] = [new Date('1900-01-01'), new Date('2200-01-01')];
          return readEvents(source, { providers, from, to, limit: 1000 });
        },
        {
          async seal(altered) {
            const bytes = Buffer.from(await altered.read(0, altered.size));
            sealChunks(bytes);
            return memorySource(bytes);
          },
        },
      );
    });
  },
);

describe('disk/fuzz', () => {
  it('a changed fixed VHD is opened or refused', async () => {
    const disk = memorySource(unpacked('vhd/fixed.vhd.gz'));
    // Only what lies before the footer, or at its end, leaves it right.
    await fuzzQuestion(
      disk,
      async (source) => {
        const opened = await openFixedVhd(source);
        return [opened.size, (await opened.read(opened.size - 4096, 4096)).toString('hex')];
      },
      { mostPlaces: 3 },
    );
  });
});
