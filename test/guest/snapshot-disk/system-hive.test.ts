import { memorySource } from '../../../src/disk/byte-source';
import { readDiskEvidence, type DiskNeed } from '../../../src/guest/snapshot-disk';
import { allNeeds, bytesOf, openDisk, readAll, smallDiskWith } from './support/disks';
import { itemOf } from './support/evidence-items';

const dhcp: DiskNeed = { kind: 'service-configuration', service: 'Dhcp' };
const controlSets: DiskNeed = { kind: 'control-sets' };
const hive = String.raw`\Windows\System32\config\SYSTEM`;

async function readHive(name: string, needs: DiskNeed[]) {
  return readAll(memorySource(await smallDiskWith(name)), needs);
}

describe('guest/snapshot-disk/system-hive: the control set of the next boot', () => {
  it.each([
    ['SYSTEM.default-0', 0, 'ControlSet000'],
    ['SYSTEM.default-999', 999, 'ControlSet999'],
  ])('that is not there is told, and no other is taken: %s', async (name, number, missing) => {
    const reading = await readHive(name, [controlSets, dhcp]);
    const sets = itemOf(reading, 'control-sets');
    expect(sets).toMatchObject({ next: number, current: 1, present: [1] });
    expect(sets.from.caution).toContain(`Select\\Default is ${number}, and there is no such control set`);
    expect(itemOf(reading, 'unreadable')).toMatchObject({
      need: dhcp,
      reason: `${missing}, which Select\\Default names, does not exist in ${hive}`,
    });
  });

  it.each(['SYSTEM.no-default', 'SYSTEM.no-select', 'SYSTEM.default-is-text'])(
    'that is not said is not guessed: %s',
    async (name) => {
      const reading = await readHive(name, [controlSets, dhcp]);
      const reasons = reading.kind === 'read' ? reading.evidence.map((item) => 'reason' in item && item.reason) : [];
      const reason = `${hive} does not say which control set is next: no Select\\Default`;
      expect(reasons).toEqual([reason, reason]);
    },
  );

  it('is the only thing missing where the rest does not need it', async () => {
    const reading = await readHive('SYSTEM.no-select', allNeeds);
    const read = reading.kind === 'read' ? reading.evidence.filter(({ kind }) => kind !== 'unreadable') : [];
    expect(read.map(({ kind }) => kind)).toEqual([
      'boot-configuration',
      'service-events',
      'service-events',
      'boot-mode',
      'pending-servicing',
      'volume-state',
    ]);
  });
});

describe('guest/snapshot-disk/system-hive: a service', () => {
  it('that does not exist is told with the control set', async () => {
    const reading = await readAll(openDisk('small'), [{ kind: 'service-configuration', service: 'NoSuch' }]);
    expect(itemOf(reading, 'unreadable').reason).toBe('the service NoSuch does not exist in ControlSet001');
  });

  it('without a start type has none made up', async () => {
    const reading = await readAll(openDisk('small'), [{ kind: 'service-configuration', service: 'NoStart' }]);
    expect(itemOf(reading, 'unreadable').reason).toBe('the service NoStart has no start type in ControlSet001');
  });

  it('with an enormous account has it cut and made printable', async () => {
    const { account } = itemOf(await readHive('SYSTEM.huge-account', [dhcp]), 'service-configuration');
    expect(account).toMatch(/^\ufffdB{198}…$/u);
  });
});

describe('guest/snapshot-disk/system-hive: the events of a service', () => {
  it('are told up to a number, the newest, and it is said that there are more', async () => {
    const reading = await readAll(openDisk('small'), [{ kind: 'service-events', service: 'Dhcp' }]);
    const { events, isCut, from } = itemOf(reading, 'service-events');
    expect(events).toHaveLength(50);
    expect(events.at(-1)?.at).toBe('2026-03-02T11:40:30.0000000Z');
    expect(isCut).toBe(true);
    expect(from.caution).toContain('of 1 further records only a display name tells the service');
  });

  it('that the guest wrote with a clock ahead of ours are told, and the window says so', async () => {
    const behind = { asOf: '2026-03-02T07:22:30.000Z', readAt: '2026-03-02T07:30:00.000Z' };
    const reading = await readDiskEvidence(openDisk('gen2'), [{ kind: 'service-events', service: 'Dhcp' }], behind);
    expect(itemOf(reading, 'service-events')).toMatchObject({
      until: '2026-03-02T07:26:00.0000000Z',
      events: [7040, 7040, 7000, 7023, 7031].map((eventId) => ({ eventId })),
    });
  });

  it('are found by any case of its name', async () => {
    const reading = await readAll(openDisk('gen2'), [{ kind: 'service-events', service: 'DHCP' }]);
    expect(itemOf(reading, 'service-events').events.map(({ eventId }) => eventId)).toEqual([7040, 7000, 7023, 7031]);
  });
});

describe('guest/snapshot-disk/system-hive: a damaged SOFTWARE hive', () => {
  it('leaves what the SYSTEM hive says of Remote Desktop, and says that a policy may decide', async () => {
    const disk = await bytesOf(openDisk('small'));
    const name = Buffer.from('SOFTWARE', 'utf16le');
    // A hive keeps its name at 48; other places with the name are directories.
    for (let at = disk.indexOf(name); at >= 0; at = disk.indexOf(name, at + 1)) {
      if (disk.toString('latin1', at - 48, at - 44) === 'regf') disk.fill(0, at - 48, at + 4096 - 48);
    }
    const reading = await readAll(memorySource(disk), [{ kind: 'remote-desktop' }, { kind: 'windows-installation' }]);
    const remoteDesktop = itemOf(reading, 'remote-desktop');
    expect(remoteDesktop).toMatchObject({ enabled: true, byPolicy: false, port: 3390, listenerEnabled: true });
    expect(remoteDesktop.from.caution).toMatch(
      /^whether a group policy decides could not be read \(it does not begin/u,
    );
    expect(itemOf(reading, 'unreadable').need).toEqual({ kind: 'windows-installation' });
  });
});
