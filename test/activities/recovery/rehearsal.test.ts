import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { cleanUp } from '../../../src/activities/clean-up';
import { attachTrialCopy, detachTrialCopy, rehearseOnTrialCopy } from '../../../src/activities/recovery/rehearsal';
import { deleteTrialCopy, makeTrialCopy } from '../../../src/activities/recovery/trial-copy';
import type { GuestRunRequest } from '../../../src/azure/ports';
import { refusalCodes } from '../../../src/guest/routes/recovery-vm-answers';
import { bodyOf, framesOf } from '../../guest/routes/support/frame-packer';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import type { Settings } from '../../../src/settings';
import type { FakeWorld } from '../support/fakes';
import { about, conclusion, deedsOf, repairId, untilDone } from '../support/repair';
import { carryOutScripts, type Instead } from './support/scripted-recovery-vm';
import * as at from './support/world';

const { input, trialCopyId } = at;
let patient: SparseDisk | undefined;

/** A world with a recovery VM that carries out the very scripts, and the trial copy beside it. */
async function stage(
  insteadOf: (name: string) => Instead | undefined = () => undefined,
  settings: Partial<Settings> = {},
) {
  patient ??= stoppedPatient({ machine: disableDhcpClient });
  const disk = patient.copy();
  const world = await at.recoveryWorld(settings);
  await untilDone(() => makeTrialCopy(world.tools, input));
  at.addRecoveryVm(world);
  at.putDisk(world, { id: trialCopyId, sizeBytes: disk.size });
  carryOutScripts(world, disk, insteadOf);
  return { world, disk };
}

/** The files in the folders of boot store and hives, with their content. */
function stores(disk: SparseDisk): Record<string, string> {
  const { system, windows } = openWindowsDisk(disk);
  const folders = [
    { volume: system, path: 'EFI\\Microsoft\\Boot' },
    { volume: windows, path: 'Windows\\System32\\config' },
  ];
  const files = folders.flatMap(({ volume, path }) =>
    (volume.list(path) ?? []).map((name) => ({ volume, path: `${path}\\${name}` })),
  );
  const isFile = (one: (typeof files)[number]) => one.volume.list(one.path) === undefined;
  return Object.fromEntries(
    files.filter(isFile).map(({ volume, path }) => [path, volume.readFile(path)?.toString('base64') ?? '']),
  );
}

const attach = (world: FakeWorld) => untilDone(() => attachTrialCopy(world.tools, input));
const rehearse = (world: FakeWorld) => untilDone(() => rehearseOnTrialCopy(world.tools, input));
const detach = (world: FakeWorld) => untilDone(() => detachTrialCopy(world.tools, input));

/** Our runs on the recovery VM, by the last word of their names. */
function runsOf(world: FakeWorld): string[] {
  return [...new Set(deedsOf(world, 'arm.beginGuestRun').map((deed) => /-trial-([a-z]+)/.exec(deed)?.[1] ?? deed))];
}

function answering(answer: object): (request: GuestRunRequest) => { output: string } {
  return ({ parameters: { Nonce: nonce = '' } }) => {
    const body = bodyOf({ version: 1, nonce, startedAt: '2026-01-02T03:10:00.000Z', ...answer });
    return { output: framesOf(body, nonce)[0] ?? '' };
  };
}

const insteadOfPreparation = (instead: Instead) => (name: string) =>
  name.includes('-trial-prepare') ? instead : undefined;

/** A recovery with the image of the plan has worked before. */
async function prove(world: FakeWorld, generation: 'V1' | 'V2' = 'V2'): Promise<void> {
  const proof = { repairId: 'another', at: '2026-01-01T00:00:00.000Z' };
  const recoveryVm = 'microsoftwindowsserver:windowsserver:2022-datacenter';
  await world.tools.ledger.recordProvenRecovery({ recoveryVm, generation, ...proof });
}

describe('activities/recovery/rehearsal', () => {
  it('attaches the trial copy at the slot of the copy, prepares it by the very script, lets it go and detaches it', async () => {
    const { world } = await stage();
    expect(await attach(world)).toMatchObject({ kind: 'done', value: 'attached' });
    expect(deedsOf(world, 'recovery.beginAttachDataDisk')).toEqual([
      `recovery.beginAttachDataDisk ${at.recoveryVmId} ${trialCopyId} 2`,
    ]);
    expect(await rehearse(world)).toMatchObject({ kind: 'done', value: 'rehearsed' });
    expect(runsOf(world)).toEqual(['prepare', 'release']);
    expect(await detach(world)).toMatchObject({ kind: 'done', value: 'detached' });
    expect(await deleteTrialCopy(world.tools, input)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toHaveLength(1);
    expect(deedsOf(world, 'recovery.beginPowerOff')).toEqual([]);
  });

  it('makes and writes no file on the trial copy: what Windows does when a disk comes online is all', async () => {
    const { world, disk } = await stage();
    const before = stores(disk);
    await attach(world);
    expect(await rehearse(world)).toMatchObject({ kind: 'done' });
    expect(stores(disk)).toEqual(before);
  });

  it.each(refusalCodes)(
    'closes the route before any stop where the recovery VM refuses it (%s), in its words',
    async (code) => {
      const refusal = answering({ kind: 'refused', code, detail: 'Windows says so.', notReleased: [] });
      const { world } = await stage(insteadOfPreparation(refusal));
      await attach(world);
      const told = await rehearse(world);
      expect(told).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'rehearsal-failed' } });
      expect(JSON.stringify(told)).toContain(
        `The trial copy was not taken (${code}): Windows says so. The VM was not stopped.`,
      );
      expect(runsOf(world)).toEqual(['prepare', 'release']);
    },
  );

  it('closes it where the script fails, and where a volume is marked for a check', async () => {
    const failed = await stage(insteadOfPreparation(() => 'failed'));
    await attach(failed.world);
    expect(await rehearse(failed.world)).toMatchObject({ conclusion: { code: 'rehearsal-failed' } });
    const dirty = await stage();
    openWindowsDisk(dirty.disk).windows.markDirty();
    await attach(dirty.world);
    expect(await rehearse(dirty.world)).toMatchObject({
      conclusion: { code: 'volume-dirty', reason: expect.stringContaining('The VM was not stopped') as string },
    });
    expect(runsOf(dirty.world)).toEqual(['prepare', 'release']);
  });

  it('is not needed where a recovery has worked with this image and generation, but is with another generation', async () => {
    const { world } = await stage();
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ kind: 'done', value: 'to-be-rehearsed' });
    await prove(world, 'V1');
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ value: 'to-be-rehearsed' });
    await prove(world);
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ value: 'made' });
  });

  it('is needed each time where the settings say so', async () => {
    const { world } = await stage(undefined, { recoveryAlwaysRehearse: true });
    await prove(world);
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ value: 'to-be-rehearsed' });
  });

  it('is done once by a repair that is begun again, also when its trial copy is being deleted by then', async () => {
    const { world } = await stage();
    await attach(world);
    await rehearse(world);
    await detach(world);
    await deleteTrialCopy(world.tools, input);
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ kind: 'done', value: 'made' });
  });

  it('is taken up where it stopped: what is still attached is detached, whatever has been proven since (hazard: the slot stays taken)', async () => {
    const { world } = await stage();
    await attach(world);
    await prove(world);
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ value: 'to-be-rehearsed' });
    expect(await attach(world)).toMatchObject({ value: 'attached' });
    expect(await rehearse(world)).toMatchObject({ kind: 'done' });
    expect(await detach(world)).toMatchObject({ kind: 'done' });
  });

  it.each(at.brakes)('attaches and runs nothing once a permit is taken back (%s)', async (code, pull) => {
    const { world } = await stage();
    await pull(world);
    expect(await attach(world)).toMatchObject({ conclusion: { code } });
    expect(await rehearse(world)).toMatchObject({ conclusion: { code } });
    expect(deedsOf(world, 'recovery.beginAttachDataDisk')).toEqual([]);
    expect(runsOf(world)).toEqual([]);
  });

  it('is cleared up by the clean-up, wherever it ends', async () => {
    const { world } = await stage();
    await attach(world);
    await at.oweNow(world, at.recoveryVmId, 'virtual-machine');
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    expect(world.recoveryContent.disks.get(trialCopyId.toLowerCase())).toBeUndefined();
    expect(
      world.ledger.resources
        .get(repairId)
        ?.every(({ deletedAt, lifetime }) => lifetime === 'kept' || deletedAt !== undefined),
    ).toBe(true);
  });
});
