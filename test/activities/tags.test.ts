import fc from 'fast-check';
import { expiringTagsOf, tagsOf, tagsOfCopy } from '../../src/activities/tags';
import { mergeTags } from '../../src/resource-tags';
import { copyOsDisk } from '../../src/activities/recovery/copy-os-disk';
import { stopPatient } from '../../src/activities/recovery/stop-patient';
import { settingsWith } from './support/fakes';
import { about, repairId, untilDone, vmId } from './support/repair';
import * as at from './recovery/support/world';

const settings = settingsWith({ resourceTags: { owner: 'shop', costCenter: '4711' } });
const ours = { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-vm': vmId };
const expiring = { ...ours, 'rdp-lifeline-expires': '2026-01-16T03:04:05.000Z' };

describe('activities/tags', () => {
  it('has ours on everything, and those of the setting', () => {
    expect(tagsOf(about, settings)).toEqual({ ...ours, owner: 'shop', costCenter: '4711' });
    expect(expiringTagsOf(about, settings)).toEqual({ ...expiring, owner: 'shop', costCenter: '4711' });
    expect(tagsOf(about, settingsWith())).toEqual(ours);
  });

  it('keeps the original’s on a copy: the setting fills in what it lacks, and ours win over both', () => {
    const original = { Owner: 'warehouse', 'RDP-Lifeline-Repair': 'another', env: 'prod' };
    expect(tagsOfCopy(about, settings, original)).toEqual({
      ...expiring,
      Owner: 'warehouse',
      env: 'prod',
      costCenter: '4711',
    });
  });

  it('never has more than Azure takes, nor one without ours, nor two of one name', () => {
    const name = fc.stringMatching(/^[a-zA-Z]{1,3}$/);
    const tags = fc.dictionary(name, fc.string({ maxLength: 3 }), { maxKeys: 60 });
    fc.assert(
      fc.property(tags, tags, (original, resourceTags) => {
        const merged = tagsOfCopy(about, settingsWith({ resourceTags }), original);
        const names = Object.keys(merged).map((one) => one.toLowerCase());
        expect(names.length).toBeLessThanOrEqual(50);
        expect(new Set(names).size).toBe(names.length);
        expect(merged).toMatchObject(expiring);
      }),
    );
  });

  it('takes the first that names a tag', () => {
    expect(mergeTags({ a: '1' }, undefined, { A: '2', b: '3' })).toEqual({ a: '1', b: '3' });
  });

  it('is on the copy that may become the VM’s disk', async () => {
    const world = await at.recoveryWorld({ resourceTags: { owner: 'else', costCenter: '4711' } });
    await untilDone(() => stopPatient(world.tools, at.input));
    await untilDone(() => {
      for (const [id, one] of world.snapshots) world.snapshots.set(id, { ...one, state: 'ready' });
      return copyOsDisk(world.tools, at.input);
    });
    const { tags } = world.recoveryContent.disks.get(at.copyId.toLowerCase()) ?? {};
    expect(tags).toMatchObject({ ...expiring, owner: 'shop', costCenter: '4711' });
    expect(world.snapshots.get(at.stoppedSnapshotId.toLowerCase())?.tags).toMatchObject({ owner: 'else' });
  });
});
