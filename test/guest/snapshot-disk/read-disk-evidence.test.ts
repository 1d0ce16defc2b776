import { UnreadableError, type ByteSource } from '../../../src/disk/byte-source';
import { canReadFromDisk, readDiskEvidence } from '../../../src/guest/snapshot-disk';
import type { Evidence } from '../../../src/guest/evidence';
import { readSparseImage } from '../../../local/disk/sparse-image';
import { join } from 'node:path';
import { alteredSource } from '../../disk/support/altered-source';
import { allNeeds, expectedFacts, type ExpectedFact, given, inBlocks, openDisk, readAll } from './support/disks';
import { itemOf } from './support/evidence-items';

/** Evidence as the independent tools tell it: the fact, and the last write of its key where that was asked for. */
function asFact({ from, ...fact }: Evidence, asked: Partial<ExpectedFact>) {
  return 'lastWritten' in asked ? { ...fact, lastWritten: from.lastWritten } : fact;
}

describe('guest/snapshot-disk/read-disk-evidence: evidence of a disk', () => {
  it.each(['gen1', 'gen2'] as const)('of %s is what hivex and evtxexport read', async (name) => {
    const expected = expectedFacts(name);
    const needs = allNeeds.filter(({ kind }) => kind !== 'volume-state');
    const reading = await readAll(openDisk(name), needs);
    const evidence = reading.kind === 'read' ? reading.evidence : [];
    const order = (fact: { kind: string }) => JSON.stringify([fact.kind, 'service' in fact ? fact.service : '']);
    const sorted = <T extends { kind: string }>(facts: T[]) =>
      facts.toSorted((one, other) => order(one).localeCompare(order(other)));
    const pairs = sorted(evidence).map((item, index) => asFact(item, sorted(expected)[index] ?? {}));
    expect(pairs).toEqual(sorted(expected));
  });

  it('says for each item where and when it was read, and of which moment it is', async () => {
    const reading = await readAll(openDisk('gen2'));
    const evidence = reading.kind === 'read' ? reading.evidence : [];
    expect(evidence.map(({ kind, from }) => [kind, from.place])).toEqual([
      [
        'boot-configuration',
        String.raw`partition 1 (EFI system partition) \EFI\Microsoft\Boot\BCD › Objects\{a1111111-0000-11ee-8000-000000000001}`,
      ],
      ['control-sets', String.raw`\Windows\System32\config\SYSTEM › Select`],
      ['service-configuration', String.raw`\Windows\System32\config\SYSTEM › ControlSet002\Services\Dhcp`],
      ['service-events', String.raw`\Windows\System32\winevt\Logs\System.evtx › Service Control Manager`],
      ['service-configuration', String.raw`\Windows\System32\config\SYSTEM › ControlSet002\Services\TermService`],
      ['service-events', String.raw`\Windows\System32\winevt\Logs\System.evtx › Service Control Manager`],
      ['boot-mode', String.raw`\Windows\System32\winevt\Logs\System.evtx › record 486`],
      [
        'network-addressing',
        String.raw`\Windows\System32\config\SYSTEM › ControlSet002\Services\Tcpip\Parameters\Interfaces`,
      ],
      [
        'remote-desktop',
        String.raw`\Windows\System32\config\SYSTEM › ControlSet002\Control\Terminal Server · \Windows\System32\config\SOFTWARE › Policies\Microsoft\Windows NT\Terminal Services`,
      ],
      [
        'pending-servicing',
        String.raw`\Windows\WinSxS\pending.xml · \Windows\System32\config\SOFTWARE › Microsoft\Windows\CurrentVersion\Component Based Servicing`,
      ],
      [
        'windows-installation',
        String.raw`\Windows\System32\config\SOFTWARE › Microsoft\Windows NT\CurrentVersion · \Windows\System32\config\SYSTEM › ControlSet002\Control\ComputerName\ComputerName`,
      ],
      ['volume-state', 'partition 3: $Volume, $LogFile, hiberfil.sys'],
    ]);
    for (const { from } of evidence) expect(from).toMatchObject({ source: 'snapshot-disk', ...given });
  });

  it('tells the state of the volume', async () => {
    expect(itemOf(await readAll(openDisk('gen1')), 'volume-state')).toMatchObject({
      partitionStyle: 'mbr',
      fileSystem: 'NTFS',
      isMarkedDirty: true,
      isHibernated: true,
      metadataMayBeStale: true,
    });
    expect(itemOf(await readAll(openDisk('gen2')), 'volume-state')).toMatchObject({
      partitionStyle: 'gpt',
      isMarkedDirty: false,
      isHibernated: false,
      metadataMayBeStale: false,
    });
  });

  it('is given in the order of the needs, one for each, also for a need that comes twice', async () => {
    const needs = [...allNeeds, ...allNeeds].toReversed();
    const reading = await readAll(openDisk('gen2'), needs);
    const kinds = reading.kind === 'read' ? reading.evidence.map(({ kind }) => kind) : [];
    expect(kinds).toEqual(needs.map(({ kind }) => kind));
  });

  it('costs few round trips: at most 60 requests and 4 MiB for everything on a clean disk', async () => {
    const disk = inBlocks(openDisk('gen2'));
    await readAll(disk);
    expect(disk.spent().requests).toBeLessThanOrEqual(60);
    expect(disk.spent().bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('does not open the hives or the log for a need that does not want them', async () => {
    const disk = inBlocks(openDisk('gen2'));
    await readAll(disk, [{ kind: 'boot-configuration' }]);
    expect(disk.spent().requests).toBeLessThanOrEqual(12);
  });

  it('is nothing for no needs', async () => {
    expect(await readAll(openDisk('gen2'), [])).toEqual({ kind: 'read', evidence: [] });
  });
});

describe('guest/snapshot-disk/read-disk-evidence: cautions', () => {
  it('say to which point a dirty hive was brought up to date, and what the state of the volume means', async () => {
    const { from } = itemOf(await readAll(openDisk('gen1')), 'service-configuration');
    expect(from.caution).toBe(
      'the hive was in use and was brought up to date from LOG1 (1 entry), up to its write 7; ' +
        'Windows was hibernated: part of its state is not in its files; ' +
        'the volume is marked for checking: it may be damaged',
    );
  });

  it('say that values may be out of date where a dirty hive has no usable log', async () => {
    const { extents } = readSparseImage(join(__dirname, '../../../fixtures/snapshot-disks/gen1.sparse.gz'));
    const offsets = extents.flatMap(({ offset, content }) => {
      const at = typeof content === 'number' ? -1 : content.indexOf('HvLE');
      return at < 0 ? [] : [offset + at];
    });
    expect(offsets).toHaveLength(1);
    const broken = alteredSource(openDisk('gen1'), [{ offset: offsets[0] ?? 0, bytes: Buffer.from('XXXX') }]);
    const service = itemOf(await readAll(broken), 'service-configuration');
    expect(service.startType).toBe(2);
    expect(service.from.caution).toMatch(
      /^the hive was in use and its values may be out of date: .+; Windows was hib/u,
    );
  });

  it('say that an event log was in use', async () => {
    const reading = await readAll(openDisk('gen1'));
    expect(itemOf(reading, 'boot-mode').from.caution).toMatch(/^the event log was in use/u);
    expect(itemOf(reading, 'service-events').from.caution).toMatch(/^the event log was in use/u);
  });

  it('say that the copy of the partition table was used', async () => {
    const headerless = alteredSource(openDisk('gen2'), [{ offset: 512, bytes: Buffer.alloc(512) }]);
    const { from } = itemOf(await readAll(headerless), 'boot-configuration');
    expect(from.caution).toMatch(
      /^the partition table at the start of the disk is damaged: its copy was used; the GPT at sector 1 begins with .*, not with EFI PART$/,
    );
  });

  it('are absent where there is nothing to say', async () => {
    const reading = await readAll(openDisk('gen2'));
    expect(itemOf(reading, 'boot-configuration').from).not.toHaveProperty('caution');
    expect(itemOf(reading, 'service-configuration').from).not.toHaveProperty('caution');
  });
});

describe('guest/snapshot-disk/read-disk-evidence: a source that gives out', () => {
  it.each([
    ['budget-exceeded', 'reading stopped at the budget for this disk, after 3 requests'],
    ['access-denied', 'the right to read this disk was withdrawn or has run out'],
    ['not-available', 'not available: after 3 requests'],
  ] as const)('at once makes the disk unreadable: %s', async (code, reason) => {
    const reading = await readAll(failing(openDisk('gen2'), 0, new UnreadableError(code, 'after 3 requests')));
    expect(reading).toEqual({ kind: 'unreadable', code, reason });
  });

  it('later leaves what was read, and says of the rest why it is not there', async () => {
    const budget = { bytes: 64 * 1024 * 1024, requests: 17 };
    const reading = await readAll(inBlocks(openDisk('gen2'), budget));
    expect(itemOf(reading, 'boot-configuration').next.safeboot).toBe('Network');
    expect(itemOf(reading, 'unreadable').reason).toMatch(/^reading stopped at the budget for this disk, after 17 req/u);
  });

  it('never ends in anything but a reading, wherever it happens', async () => {
    const kinds = new Set<string>();
    for (let reads = 0; reads < 120; reads += 1) {
      const error = new UnreadableError('access-denied', 'revoked');
      const reading = await readAll(failing(openDisk('small'), reads, error));
      kinds.add(reading.kind === 'unreadable' ? reading.code : reading.kind);
    }
    expect([...kinds].sort()).toEqual(['access-denied', 'read']);
  });

  it('does not tell the query of a URL, which may hold a signature', async () => {
    const error = new UnreadableError('not-available', 'GET https://md-x.blob.example/abc?sv=1&sig=SECRET%3D failed');
    const reading = await readAll(failing(openDisk('gen2'), 0, error));
    expect(reading).toMatchObject({ reason: 'not available: GET https://md-x.blob.example/abc failed' });
  });

  it('with a fault of its own is not taken for a disk that can not be read', async () => {
    for (const reads of [0, 20]) {
      const fault = new TypeError('x is not a function');
      await expect(readAll(failing(openDisk('small'), reads, fault))).rejects.toBe(fault);
    }
  });
});

describe('guest/snapshot-disk/read-disk-evidence: a disk without Windows', () => {
  it('is not readable where there is no partition table', async () => {
    const empty = { size: 1024 * 1024, read: (_: number, length: number) => Promise.resolve(Buffer.alloc(length)) };
    expect(await readAll(empty)).toEqual({
      kind: 'unreadable',
      code: 'not-readable',
      reason: 'no partition table: the first sector is not a boot record',
    });
  });
});

describe('guest/snapshot-disk/read-disk-evidence: what a disk can answer', () => {
  it('is all but what only a running machine knows', () => {
    for (const need of allNeeds) expect(canReadFromDisk(need)).toBe(true);
    expect(canReadFromDisk({ kind: 'service-status', service: 'Dhcp' })).toBe(false);
    expect(canReadFromDisk({ kind: 'rdp-listener' })).toBe(false);
  });

  it('is of the moment that the caller gives: events of another day are not told', async () => {
    const needs = [{ kind: 'service-events' as const, service: 'Dhcp' }];
    const later = { asOf: '2026-03-05T12:00:00.000Z', readAt: '2026-03-05T12:05:00.000Z' };
    const reading = await readDiskEvidence(openDisk('gen2'), needs, later);
    expect(itemOf(reading, 'service-events')).toMatchObject({ since: '2026-03-04T12:00:00.000Z', events: [] });
  });
});

/** The disk, whose reads fail after some. */
function failing(disk: ByteSource, reads: number, error: Error): ByteSource {
  let left = reads;
  return {
    size: disk.size,
    read(offset, length) {
      left -= 1;
      return left < 0 ? Promise.reject(error) : disk.read(offset, length);
    },
  };
}
