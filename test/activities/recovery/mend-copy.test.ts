import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { SparseDisk } from '../../../local/disk/sparse-disk';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { mendCopy } from '../../../src/activities/recovery/mend-copy';
import type { GuestRunRequest } from '../../../src/azure/ports';
import type { GuestCommand } from '../../../src/guest/command';
import { refusalCodes } from '../../../src/guest/routes/recovery-vm-answers';
import type { FakeWorld } from '../support/fakes';
import { bodyOf, framesOf } from '../../guest/routes/support/frame-packer';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import { run } from '../../local/windows/support/running-guest';
import { deedsOf, placeOf, repairId, untilDone } from '../support/repair';
import { carryOutScripts, type Instead } from './support/scripted-recovery-vm';
import * as at from './support/world';

const { input } = at;
const disks: Record<string, SparseDisk> = {};

/** A stopped patient's disk, made once. */
function diskOf(kind: 'broken' | 'sound' | 'domain-controller'): SparseDisk {
  disks[kind] ??= stoppedPatient({
    machine(guest, when) {
      if (kind !== 'sound') disableDhcpClient(guest, when);
      if (kind === 'domain-controller') {
        const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions`;
        run(guest, 'reg.exe', ['add', key, '/v', 'ProductType', '/t', 'REG_SZ', '/d', 'LanmanNT', '/f'], when);
      }
    },
  });
  return disks[kind].copy();
}

type Answered = 'prepare' | 'look' | 'change' | 'look-again' | 'release';
interface Bench {
  world: FakeWorld;
  copy: SparseDisk;
  /** What happens to a run instead; by its name. */
  instead: Partial<Record<Answered, Instead>>;
}

/** A recovery VM that carries out the very scripts, to which the copy is attached. */
async function bench(kind: Parameters<typeof diskOf>[0] = 'broken'): Promise<Bench> {
  const world = await at.recoveryWorld();
  const copy = diskOf(kind);
  at.addRecoveryVm(world);
  at.putDisk(world, { id: at.copyId, sizeBytes: copy.size, tags: at.ours });
  const made: Bench = { world, copy, instead: {} };
  carryOutScripts(world, copy, (name) => {
    const run_ = (Object.keys(made.instead) as Answered[]).find((one) => isRun(name, one));
    return run_ && made.instead[run_];
  });
  return made;
}

function isRun(name: string, run_: Answered): boolean {
  return new RegExp(`-copy-1-${run_}(?:-p?\\d+)?$`).test(name);
}

/** The names of our runs, in the order in which they were begun; parts of an answer are no runs. */
function runsOf(world: FakeWorld): string[] {
  const names = deedsOf(world, 'arm.beginGuestRun').map((deed) => deed.split('-copy-1-')[1] ?? deed);
  return [...new Set(names.map((name) => name.replace(/-p?\d+$/, '')))];
}

function answering(answer: object): (request: GuestRunRequest) => { output: string } {
  return ({ parameters: { Nonce: nonce = '' } }) => {
    const body = bodyOf({ version: 1, nonce, startedAt: '2026-01-02T03:10:00.000Z', ...answer });
    return { output: framesOf(body, nonce)[0] ?? '' };
  };
}

/** Runs the commands with some of them broken, so that Windows itself says that they did not work. */
function breaking(which: (command: GuestCommand) => boolean): (request: GuestRunRequest) => GuestRunRequest {
  return (request) => {
    const text = Buffer.from(request.parameters.Commands ?? '', 'base64').toString('utf8');
    const commands = (JSON.parse(text) as GuestCommand[]).map((command) =>
      which(command) ? { ...command, file: 'reg.exe', arguments: ['query', 'HKLM\\NOWHERE'] } : command,
    );
    const Commands = Buffer.from(JSON.stringify(commands), 'utf8').toString('base64');
    return { ...request, parameters: { ...request.parameters, Commands } };
  };
}

const mend = ({ world }: Bench) => untilDone(() => mendCopy(world.tools, input));

describe('activities/recovery/mend-copy', () => {
  it('prepares, looks, changes, reads again and lets go, with the way back on record before the change', async () => {
    const made = await bench();
    expect(await mend(made)).toMatchObject({ kind: 'done' });
    const { world } = made;
    expect(runsOf(world)).toEqual(['prepare', 'look', 'change', 'look-again', 'release']);
    const recorded = placeOf(world, 'ledger.recordChange');
    expect(recorded).toBeGreaterThan(placeOf(world, 'copy-1-look'));
    expect(recorded).toBeLessThan(world.deeds.findIndex((deed) => /^arm\.beginGuestRun .*copy-1-change/.test(deed)));
    const changes = world.ledger.changes
      .get(repairId)
      ?.map(({ change, written }) => [change.includes('copy-1'), written]);
    // The copy as a whole, and then what each change found.
    expect(changes).toEqual([
      [true, true],
      [true, true],
      [true, false],
    ]);
  });

  it('finds its own work at whatever point it is begun again', async () => {
    const made = await bench();
    const { world } = made;
    await mend(made);
    const begun = deedsOf(world, 'arm.beginGuestRun');
    expect(await mendCopy(world.tools, input)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual(begun);
    expect(new Set(begun).size).toBe(begun.length);
  });

  it.each(refusalCodes)('takes no copy that was refused as %s, and has it let go', async (code) => {
    const made = await bench();
    made.instead.prepare = answering({ kind: 'refused', code, detail: 'Because.', notReleased: [] });
    const progress = await mend(made);
    expect(progress).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'copy-not-prepared' } });
    expect(JSON.stringify(progress)).toContain(`(${code})`);
    expect(runsOf(made.world)).toEqual(['prepare', 'release']);
  });

  it('changes nothing on a disk that does not show the failure any more', async () => {
    const made = await bench('sound');
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'not-on-the-disk' } });
    expect(runsOf(made.world)).toEqual(['prepare', 'look', 'release']);
  });

  it('changes nothing on a domain controller’s', async () => {
    const made = await bench('domain-controller');
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'domain-controller' } });
    expect(runsOf(made.world)).toEqual(['prepare', 'look', 'release']);
  });

  it('changes nothing on a volume that Windows has marked for a check', async () => {
    const made = await bench();
    openWindowsDisk(made.copy).windows.markDirty();
    expect(await mend(made)).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'volume-dirty' } });
    expect(runsOf(made.world)).toEqual(['prepare', 'release']);
  });

  it('ends when a change did not work, and keeps on record that it did not', async () => {
    const made = await bench();
    made.instead.change = breaking(({ arguments: [verb] }) => verb === 'add');
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'copy-not-mended' } });
    expect(runsOf(made.world)).toEqual(['prepare', 'look', 'change', 'release']);
    expect(made.world.ledger.changes.get(repairId)?.[1]?.after).toMatch(/^failed: /);
  });

  it('ends when a hive stays loaded', async () => {
    const made = await bench();
    made.instead['look-again'] = breaking(({ id }) => id === 'unload:SYSTEM');
    expect(await mend(made)).toMatchObject({
      conclusion: { code: 'copy-not-mended', reason: expect.stringContaining('stayed loaded') as string },
    });
    expect(runsOf(made.world).at(-1)).toBe('release');
  });

  it.each(['prepare', 'look', 'change', 'look-again'] as const)(
    'has the disk let go, and waits until it is, when %s gave no answer',
    async (name) => {
      const made = await bench();
      made.instead[name] = () => 'failed';
      expect(await mend(made)).toMatchObject({ conclusion: { code: 'copy-not-mended' } });
      const runs = runsOf(made.world);
      expect(runs.at(-1)).toBe('release');
      expect(await made.world.tools.ledger.getDocument(repairId, 'guest-copy-1-release')).toBeDefined();
      // Again: nothing more is begun, and the end is the same.
      expect(await mend(made)).toMatchObject({ conclusion: { code: 'copy-not-mended' } });
      expect(runsOf(made.world)).toEqual(runs);
    },
  );

  it('does not call a copy mended that is not let go', async () => {
    const made = await bench();
    const notReleased = [{ what: 'hive', name: 'HKLM\\X', reason: 'in use' }];
    made.instead.release = answering({ kind: 'released', isDiskPresent: true, isDiskOffline: false, notReleased });
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'copy-not-released' } });
  });

  it('tells what went wrong first when the disk is not let go either', async () => {
    const made = await bench('sound');
    made.instead.release = () => 'failed';
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'not-on-the-disk' } });
  });

  describe.each(at.brakes)('at %s', (code, brake) => {
    it('begins nothing where nothing was begun', async () => {
      const made = await bench();
      await brake(made.world);
      expect(await mend(made)).toMatchObject({ kind: 'end', conclusion: { code } });
      expect(runsOf(made.world)).toEqual([]);
    });

    it.each(['look', 'change', 'look-again'] as const)('lets go instead of beginning %s', async (name) => {
      const made = await bench();
      const { world } = made;
      const { tools } = world;
      const { arm } = tools;
      const previous = { look: 'prepare', change: 'look', 'look-again': 'change' } as const;
      const done = `guest-copy-1-${previous[name]}`;
      world.tools = {
        ...tools,
        ledger: {
          ...tools.ledger,
          async putDocument(id, document, value) {
            await tools.ledger.putDocument(id, document, value);
            if (document === done) await brake(world);
          },
        },
        arm,
      };
      expect(await mend(made)).toMatchObject({ kind: 'end', conclusion: { code } });
      expect(runsOf(world)).not.toContain(name);
      expect(runsOf(world).at(-1)).toBe('release');
    });
  });

  it.each<[string, string, unknown, string]>([
    ['what came of the work', 'mended-1', { kind: 'done', value: 'not mended', detail: 'x' }, 'value'],
    ['what came of the work', 'mended-1', { kind: 'wait', reason: 'x' }, 'kind'],
    [
      'what came of the work',
      'mended-1',
      { kind: 'end', conclusion: { ending: 'not-repaired', code: 'x', reason: 'x' } },
      'conclusion.code',
    ],
    ['where everything is on the disk', 'guest-copy-1-prepare', { answer: { kind: 'prepared' } }, 'answer.version'],
  ])('does not believe a record of %s that we did not write: %s', async (_what, name, document, field) => {
    const { world } = await bench();
    await world.tools.ledger.putDocument(repairId, name, document);
    await expect(mendCopy(world.tools, input)).rejects.toThrow(
      `The document ${name} of the repair ${repairId} is not what we write: ${field}: `,
    );
    expect(runsOf(world)).toEqual([]);
  });

  it('works nowhere else than where the recovery VM has put the disk, whatever the record says (hazard: a path of its own)', async () => {
    const made = await bench();
    const { world } = made;
    await mend(made);
    const name = 'guest-copy-1-prepare';
    const kept = (await world.tools.ledger.getDocument(repairId, name)) as { answer: object };
    const again = await bench();
    const bootStore = String.raw`C:\Boot\BCD`;
    await again.world.tools.ledger.putDocument(repairId, name, { answer: { ...kept.answer, bootStore } });
    await expect(mendCopy(again.world.tools, input)).rejects.toThrow('answer.bootStore: ');
    expect(runsOf(again.world)).toEqual([]);
    await again.world.tools.ledger.putDocument(repairId, name, kept);
    expect(await mendCopy(again.world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(runsOf(again.world)).toEqual(['look']);
  });

  it('never works on a disk that is being let go, not even when the brake is off again', async () => {
    const made = await bench();
    const { world } = made;
    await mendCopy(world.tools, input);
    await world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: 'now', reason: 'x' });
    expect(await mendCopy(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(runsOf(world)).toEqual(['prepare', 'release']);
    await world.tools.ledger.setKillSwitch({ on: false, by: 'ann', at: 'now', reason: 'x' });
    expect(await mend(made)).toMatchObject({ conclusion: { code: 'kill-switch' } });
    expect(runsOf(world)).toEqual(['prepare', 'release']);
  });
});
