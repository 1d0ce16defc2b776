import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { putEvidence } from '../../../src/activities/collected-evidence';
import { diagnoseAndPlan } from '../../../src/activities/diagnose-and-plan';
import { attachLookDisk, detachLookDisk } from '../../../src/activities/recovery/attach-look-disk';
import { deleteLookDisk, makeLookDisk } from '../../../src/activities/recovery/make-look-disk';
import { benchOf, lookDiskOf } from '../../../src/activities/recovery/names';
import { planLook } from '../../../src/activities/recovery/plan-look';
import { readLookDisk } from '../../../src/activities/recovery/read-look-disk';
import type { Settings } from '../../../src/settings';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import { run } from '../../local/windows/support/running-guest';
import type { FakeWorld } from '../support/fakes';
import { about, deedsOf, repairId, snapshotId, untilDone } from '../support/repair';
import { carryOutScripts, type Instead } from './support/scripted-recovery-vm';
import * as at from './support/world';

const { lookInput, lookDiskId, recoveryVmId, workbenches } = at;

describe('activities/recovery/look: plan-look', () => {
  const make = (settings: Partial<Settings> = {}) =>
    at.recoveryWorld({ recoveryWorkbenches: workbenches, ...settings });

  it('freezes what the recovery VM works with, puts it on record, and creates nothing', async () => {
    const world = await make();
    const planned = await planLook(world.tools, about);
    expect(planned).toMatchObject({ kind: 'done', value: { recovery: { osDiskId: at.osDiskId } } });
    expect(await world.tools.ledger.getDocument(repairId, 'look-plan')).toEqual(
      planned.kind === 'done' && planned.value,
    );
    expect(at.begunIn(world)).toEqual([]);
    // Asked again it is the same, whatever has changed meanwhile.
    at.alterVm(world, { tags: {} });
    expect(await planLook(world.tools, about)).toEqual(planned);
  });

  it('takes one of the places for repairs that change something (hazard: a recovery VM for each alert of a storm)', async () => {
    const asked = { cap: 1, at: new Date().toISOString() };
    const world = await make({ maximumMutatingRepairs: 1 });
    await world.tools.ledger.acquireSlot('20260102t030405z-ffffffffff', asked);
    expect(await planLook(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(await world.tools.ledger.getDocument(repairId, 'look-plan')).toBeUndefined();
    await world.tools.ledger.releaseSlot('20260102t030405z-ffffffffff');
    expect(await planLook(world.tools, about)).toMatchObject({ kind: 'done' });
    expect(await world.tools.ledger.acquireSlot('20260102t030405z-ffffffffff', asked)).toMatchObject({
      kind: 'queued',
    });
  });

  it('has the other sources asked again first where its place came late (hazard: it looks at a disk of hours ago)', async () => {
    const world = await make();
    const readAt = new Date(Date.now() - 16 * 60_000).toISOString();
    await world.tools.ledger.putDocument(repairId, 'inspection', { readAt, reading: 1 });
    expect(await planLook(world.tools, about)).toMatchObject({ kind: 'done', value: 'read-again' });
    expect(await world.tools.ledger.getDocument(repairId, 'look-plan')).toBeUndefined();
    expect([...world.ledger.slots]).toEqual([repairId]);
    await world.tools.ledger.putDocument(repairId, 'inspection', { readAt: new Date().toISOString(), reading: 2 });
    expect(await planLook(world.tools, { ...about, reading: 2 })).toMatchObject({
      value: { hash: expect.any(String) as unknown },
    });
  });

  it('does not name what one reading looks at as another does', () => {
    const place = { resourceGroup: 'rg' } as Parameters<typeof lookDiskOf>[1];
    const ids = [1, 2, 3].map((reading) => lookDiskOf({ ...about, reading }, place));
    expect(new Set(ids).size).toBe(3);
    const benches = [{}, { reading: 2 }].map((more) => benchOf({ role: 'inspection', ...more }));
    expect(new Set(benches).size).toBe(2);
  });

  it.each(['encrypted', 'no-windows'] as const)(
    'is closed where the snapshot was read as %s: a VM would see no more',
    async (code) => {
      const world = await make();
      await putEvidence(world.tools.ledger, { repairId }, 'snapshot-disk', { evidence: [], problem: 'x', code });
      expect(await planLook(world.tools, about)).toMatchObject({ conclusion: { ending: 'not-recognised', code } });
    },
  );

  it.each(['export-denied', 'out-of-time', 'not-readable'] as const)(
    'is open where it was not read because of %s',
    async (code) => {
      const world = await make();
      await putEvidence(world.tools.ledger, { repairId }, 'snapshot-disk', { evidence: [], problem: 'x', code });
      expect(await planLook(world.tools, about)).toMatchObject({ kind: 'done' });
    },
  );

  it('is closed by the code of what stands in the way', async () => {
    const world = await make({ recoveryWorkbenches: [] });
    const closed = await planLook(world.tools, about);
    expect(closed).toMatchObject({ conclusion: { ending: 'not-recognised', code: 'no-workbench' } });
    expect(JSON.stringify(closed)).toContain('(no-workbench)');
  });

  it.each([
    ...at.brakes,
    ['mode-diagnose', (world: FakeWorld) => at.alterVm(world, { tags: { 'rdp-lifeline': 'diagnose' } })] as const,
  ])('is not given at %s', async (code, brake) => {
    const world = await make();
    await brake(world);
    expect(await planLook(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code } });
  });
});

describe('activities/recovery/look: make-look-disk', () => {
  async function madeWorld(): Promise<FakeWorld> {
    const world = await at.lookWorld();
    await untilDone(() => makeLookDisk(world.tools, lookInput));
    return world;
  }

  it('stands in the workbench with our tags only, made of the first snapshot and as closed as the original', async () => {
    const disk = (await madeWorld()).recoveryContent.disks.get(lookDiskId.toLowerCase());
    expect(lookDiskId).toContain('/resourceGroups/rg-workbench/');
    expect(disk).toMatchObject({ sourceId: snapshotId, network: { networkAccessPolicy: 'DenyAll' } });
    expect(disk?.tags).toMatchObject({
      ...at.ours,
      'rdp-lifeline-expires': expect.stringMatching(/^\d{4}-/) as string,
    });
    expect(disk?.tags).not.toHaveProperty('owner');
  });

  it('takes none of that name that is not ours', async () => {
    const world = await at.lookWorld();
    at.putDisk(world, { id: lookDiskId, tags: {}, provisioningState: 'Succeeded' });
    expect(await makeLookDisk(world.tools, lookInput)).toMatchObject({ conclusion: { code: 'name-taken' } });
  });

  it('is attached at the slot of every data disk, detached and deleted, and then on record as gone', async () => {
    const world = await madeWorld();
    at.addRecoveryVm(world);
    await untilDone(() => attachLookDisk(world.tools, lookInput));
    expect(deedsOf(world, 'recovery.beginAttachDataDisk')).toEqual([
      `recovery.beginAttachDataDisk ${recoveryVmId} ${lookDiskId} 2`,
    ]);
    await untilDone(() => detachLookDisk(world.tools, lookInput));
    expect(await untilDone(() => deleteLookDisk(world.tools, lookInput))).toMatchObject({ kind: 'done' });
    expect(world.recoveryContent.disks.has(lookDiskId.toLowerCase())).toBe(false);
    const { resources } = await world.tools.ledger.getTimeline(repairId);
    const record = resources.find(({ resourceId }) => resourceId === lookDiskId);
    expect(record).toMatchObject({ lifetime: 'temporary', deletedAt: expect.any(String) as string });
    expect(await deleteLookDisk(world.tools, lookInput)).toMatchObject({ kind: 'done' });
    // Made again, nobody would clean it up.
    expect(await makeLookDisk(world.tools, lookInput)).toMatchObject({ conclusion: { code: 'cleaned-up-before' } });
  });

  it('deletes a disk also at the kill switch: it is owed', async () => {
    const world = await madeWorld();
    await world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: 'now', reason: 'x' });
    expect(await untilDone(() => deleteLookDisk(world.tools, lookInput))).toMatchObject({ kind: 'done' });
  });
});

describe('activities/recovery/look: read-look-disk', () => {
  const template: { broken?: SparseDisk } = {};
  const broken = () => (template.broken ??= stoppedPatient({ machine: disableDhcpClient })).copy();

  async function bench(disk: SparseDisk, instead: Record<string, Instead> = {}): Promise<FakeWorld> {
    const world = await at.lookWorld({ recoveryWorkbenches: workbenches });
    at.addRecoveryVm(world);
    at.putDisk(world, { id: lookDiskId, sizeBytes: disk.size, tags: at.ours });
    carryOutScripts(
      world,
      disk,
      (name) => Object.entries(instead).find(([one]) => name.includes(`-snapshot-${one}`))?.[1],
    );
    for (const [source, code] of [
      ['run-command', undefined],
      ['snapshot-disk', 'export-denied'],
    ] as const) {
      await putEvidence(world.tools.ledger, { repairId }, source, { evidence: [], problem: 'Nothing.', code });
    }
    return world;
  }
  const read = (world: FakeWorld) => untilDone(() => readLookDisk(world.tools, lookInput));
  const diagnose = (world: FakeWorld) => untilDone(() => diagnoseAndPlan(world.tools, { ...about, after: 'look' }));
  const runsOf = (world: FakeWorld) => {
    const names = deedsOf(world, 'arm.beginGuestRun').map((deed) =>
      deed.split('-snapshot-')[1]?.replace(/-p?\d+$/, ''),
    );
    return [...new Set(names)];
  };

  it('prepares, looks and lets go, on the recovery VM only; what it saw is evidence that the cause is found by', async () => {
    const world = await bench(broken());
    expect(await read(world)).toMatchObject({ kind: 'done' });
    expect(runsOf(world)).toEqual(['prepare', 'look', 'release']);
    for (const id of world.runs.keys()) expect(id).toContain(`${recoveryVmId}/`.toLowerCase());
    expect(await diagnose(world)).toMatchObject({
      kind: 'done',
      value: { signature: 'dhcp-client-disabled', routes: ['recovery-vm'] },
    });
    expect(await world.tools.ledger.getDocument(repairId, 'diagnosis')).toMatchObject({
      reasons: [{ from: { source: 'recovery-vm' } }],
    });
    expect(world.ledger.changes.get(repairId) ?? []).toEqual([]);
    // Once more: nothing is begun again.
    const begun = deedsOf(world, 'arm.beginGuestRun').length;
    expect(await read(world)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(begun);
  });

  it('says what was looked at where it shows no known failure, and the VM is left alone', async () => {
    const world = await bench(stoppedPatient());
    await read(world);
    const ended = await diagnose(world);
    expect(ended).toMatchObject({ kind: 'end', conclusion: { ending: 'not-recognised', code: 'not-recognised' } });
    expect(JSON.stringify(ended)).toMatch(/A recovery VM looked .*boot-configuration, .*service-configuration of Dhcp/);
  });

  it('tells a domain controller, which closes the route before the VM is stopped', async () => {
    const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions`;
    const world = await bench(
      stoppedPatient({
        machine(guest, when) {
          disableDhcpClient(guest, when);
          run(guest, 'reg.exe', ['add', key, '/v', 'ProductType', '/t', 'REG_SZ', '/d', 'LanmanNT', '/f'], when);
        },
      }),
    );
    await read(world);
    expect(await diagnose(world)).toMatchObject({ value: { closed: [{}, { code: 'domain-controller' }], routes: [] } });
  });

  it('tells a volume that is marked for a check, which closes the route before the VM is stopped', async () => {
    const disk = broken();
    openWindowsDisk(disk).windows.markDirty();
    const world = await bench(disk);
    await read(world);
    expect(await diagnose(world)).toMatchObject({ value: { closed: [{}, { code: 'volume-dirty' }], routes: [] } });
  });

  it('gives no evidence of a hibernated Windows, by its code, and lets go', async () => {
    const disk = broken();
    openWindowsDisk(disk).windows.writeFile('hiberfil.sys', Buffer.from('HIBR'));
    const world = await bench(disk);
    const ended = await read(world);
    expect(ended).toMatchObject({ kind: 'end' });
    expect(JSON.stringify(ended)).toContain('(hibernated)');
    expect(runsOf(world)).toEqual(['prepare', 'release']);
    expect(await world.tools.ledger.getDocument(repairId, 'evidence-recovery-vm')).toBeUndefined();
  });

  it.each(['prepare', 'look', 'release'])('ends and has the disk let go when %s gave no answer', async (name) => {
    const world = await bench(broken(), { [name]: () => 'failed' });
    expect(await read(world)).toMatchObject({ kind: 'end' });
    expect(runsOf(world).at(-1)).toBe('release');
  });

  it.each(at.brakes)('begins nothing at %s', async (code, brake) => {
    const world = await bench(broken());
    await brake(world);
    expect(await read(world)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(runsOf(world)).toEqual([]);
  });
});
