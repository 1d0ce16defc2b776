import { findImage, imageDisk, type Image } from '../../../local/azure/compute/images';
import { windowsDisk } from '../../../local/azure/operating-system-disk';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { mountContent } from '../../../local/windows/disk-content';
import { createWindowsGuest } from '../../../local/windows/guest';
import { readPartitions } from '../../../src/disk/partitions/read-partitions';
import { sourceOf } from '../disk/support/readers-of-others';

const now = Date.parse('2026-01-02T03:04:05Z');

function image(sku: string): Image {
  const found = findImage({ publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku, version: 'latest' });
  if (!found) throw new Error(`no image ${sku}`);
  return found;
}

async function identityOf(disk: SparseDisk): Promise<string> {
  return String((await readPartitions(sourceOf(disk))).diskId);
}

describe('local/azure/images: a Windows Server image', () => {
  it.each([
    ['2022-datacenter', 'V1'],
    ['2022-Datacenter-G2', 'V2'],
    ['2019-datacenter-gensecond', 'V2'],
    ['2022-datacenter-smalldisk', 'V1'],
  ])('%s is of generation %s', (sku, generation) => {
    expect(image(sku).generation).toBe(generation);
  });

  it.each([
    ['MicrosoftWindowsServer', 'WindowsServer', '2022-nothing'],
    ['Canonical', 'WindowsServer', '2022-datacenter'],
  ])('is not known as %s %s %s', (publisher, offer, sku) => {
    expect(findImage({ publisher, offer, sku, version: 'latest' })).toBeUndefined();
  });

  it.each(['2022-datacenter', '2022-datacenter-g2', '2019-datacenter', '2022-datacenter-smalldisk-g2'])(
    'makes a disk from %s that Windows boots from, under its computer’s name',
    (sku) => {
      const disk = imageDisk(image(sku), 'RECOVERY', now);
      const guest = createWindowsGuest({
        mount: (options) => mountContent(disk, { ...options, now: () => now }),
        address: '10.0.0.4',
      });
      guest.boot(now);
      expect(guest.bootFailure()).toBeUndefined();
      expect(guest.computerName()).toBe('RECOVERY');
    },
  );

  it('gives every disk that is made from it the same identity: a copy of one collides with another', async () => {
    const patient = windowsDisk({ computerName: 'PATIENT', language: 'fr-FR', generation: 'V2' }, now);
    const same = imageDisk(image('2022-datacenter-g2'), 'RECOVERY', now);
    const other = imageDisk(image('2019-datacenter-gensecond'), 'RECOVERY', now);

    expect(await identityOf(same)).toBe(await identityOf(patient));
    expect(await identityOf(other)).not.toBe(await identityOf(patient));
  });
});
