import { undoBy } from '../../../src/guest/undo';
import { mountContent } from '../../../local/windows/disk-content';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { makePlan } from '../../../src/activities/plan';
import { mendCopy } from '../../../src/activities/recovery/mend-copy';
import { bootManagerId } from '../../../src/windows/boot-object-id';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import type { FakeWorld } from '../support/fakes';
import { deedsOf, repairId, untilDone } from '../support/repair';
import { carryOutScripts, type Instead } from './support/scripted-recovery-vm';
import * as at from './support/world';

const options = ['enable-serial-console', 'enable-crash-dump'] as const;
const plan = makePlan({ ...at.plan, recovery: { ...at.recovery, options: [...options] } });
const input = { ...at.input, planHash: plan.hash };
const crashControl = 'SYSTEM\\ControlSet001\\Control\\CrashControl';
const displayBootMenu = `BCD\\Objects\\${bootManagerId}\\Elements\\26000020`;

/** A broken patient's disk; the image has the console on, and somebody switched it off. */
function diskOf(generation: 'V1' | 'V2'): SparseDisk {
  const disk = stoppedPatient({ generation, machine: disableDhcpClient }).copy();
  const content = mountContent(disk);
  content.deleteKey(displayBootMenu);
  content.flush();
  return disk;
}

function stateOf(disk: SparseDisk) {
  const content = mountContent(disk.copy(), { readOnly: true });
  return {
    dhcp: content.readValue('SYSTEM\\ControlSet001\\Services\\Dhcp', 'Start')?.data,
    dump: content.readValue(crashControl, 'NMICrashDump')?.data,
    console: content.hasKey(displayBootMenu),
  };
}

async function bench(
  disk: SparseDisk,
  own: 'V1' | 'V2' = 'V1',
  instead: Record<string, Instead> = {},
): Promise<FakeWorld> {
  const world = await at.recoveryWorld();
  await at.permitPlan(world, plan);
  at.addRecoveryVm(world);
  at.putDisk(world, { id: at.copyId, sizeBytes: disk.size, tags: at.ours });
  const insteadOf = (name: string) => Object.entries(instead).find(([one]) => name.endsWith(`-copy-1-${one}`))?.[1];
  carryOutScripts(world, disk, insteadOf, own);
  return world;
}

const mend = (world: FakeWorld) => untilDone(() => mendCopy(world.tools, input));
const runsOf = (world: FakeWorld) => [
  ...new Set(deedsOf(world, 'arm.beginGuestRun').map((deed) => deed.split('-copy-1-')[1]?.replace(/-p?\d+$/, ''))),
];
const recordOf = (world: FakeWorld, kind: string) =>
  world.ledger.changes.get(repairId)?.find(({ change }) => change === `${kind}@copy-1`);

describe('activities/recovery/add-options: what the settings ask for beside the cure', () => {
  it.each(['V1', 'V2'] as const)(
    'is written on the same copy (generation %s), with the values before and the undo on record',
    async (generation) => {
      const disk = diskOf(generation);
      const world = await bench(disk, generation === 'V1' ? 'V2' : 'V1');
      expect(stateOf(disk)).toEqual({ dhcp: 4, dump: undefined, console: false });

      const mended = await mend(world);

      expect(mended).toMatchObject({ kind: 'done' });
      expect(runsOf(world)).toEqual(['prepare', 'look', 'change', 'options', 'look-again', 'release']);
      expect(stateOf(disk)).toEqual({ dhcp: 2, dump: 1, console: true });
      expect(recordOf(world, 'enable-serial-console')).toMatchObject({
        before: expect.stringContaining('displaybootmenu = none') as string,
        after: expect.stringContaining('displaybootmenu = Yes') as string,
        undo: undoBy('bcdedit.exe', '/deletevalue', bootManagerId, 'displaybootmenu'),
        written: true,
      });
      expect(recordOf(world, 'enable-crash-dump')).toMatchObject({
        undo: {
          kind: 'commands',
          commandLines: expect.arrayContaining([
            {
              file: 'reg.exe',
              arguments: [
                'delete',
                String.raw`HKLM\SYSTEM\CurrentControlSet\Control\CrashControl`,
                '/v',
                'NMICrashDump',
                '/f',
              ],
            },
          ]) as unknown,
        },
        written: true,
      });
      expect(JSON.stringify(mended)).toContain('Switch on memory dumps: ');
    },
  );

  it('finds its own work when it is begun again', async () => {
    const world = await bench(diskOf('V2'));
    await mend(world);
    const begun = deedsOf(world, 'arm.beginGuestRun');
    await mend(world);
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual(begun);
  });

  it('never fails the cure when it fails, and is told', async () => {
    const disk = diskOf('V2');
    const world = await bench(disk, 'V1', { options: () => 'failed' });
    const mended = await mend(world);
    expect(mended).toMatchObject({ kind: 'done' });
    expect(JSON.stringify(mended)).toContain('Switch on the serial console: failed, ');
    expect(stateOf(disk)).toMatchObject({ dhcp: 2 });
    for (const kind of options) expect(recordOf(world, kind)?.after).toMatch(/^failed: /);
    // The last look is after it: the cure is proven on what goes in.
    expect(runsOf(world).slice(-2)).toEqual(['look-again', 'release']);
  });

  it('keeps the undo of what an option wrote before it failed', async () => {
    const disk = diskOf('V2');
    const content = mountContent(disk);
    content.deleteKey('BCD\\Objects\\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}');
    content.flush();
    const world = await bench(disk);
    expect(await mend(world)).toMatchObject({ kind: 'done' });
    expect(recordOf(world, 'enable-serial-console')).toMatchObject({
      after: expect.stringMatching(/^failed: /) as string,
      undo: undoBy('bcdedit.exe', '/deletevalue', bootManagerId, 'displaybootmenu'),
      written: true,
    });
    expect(recordOf(world, 'enable-crash-dump')).toMatchObject({ written: true });
  });

  it.each(at.brakes)('is not begun at %s, and the copy goes in nowhere', async (code, brake) => {
    const world = await bench(diskOf('V2'));
    const { ledger } = world.tools;
    world.tools = {
      ...world.tools,
      ledger: {
        ...ledger,
        async putDocument(id, document, value) {
          await ledger.putDocument(id, document, value);
          if (document === 'guest-copy-1-change') await brake(world);
        },
      },
    };
    expect(await mend(world)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(runsOf(world)).toEqual(['prepare', 'look', 'change', 'release']);
  });
});
