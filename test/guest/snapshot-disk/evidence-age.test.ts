import { openWindowsDisk } from '../../../local/disk/open-volumes';
import type { RegistryData } from '../../../local/windows/content';
import { installedLoaderId } from '../../../local/windows/default-boot-store';
import { factOf } from '../../../src/guest/evidence';
import { evidenceItem } from '../../../src/guest/evidence-schemas';
import { safeMode } from '../../../src/signatures/safe-mode';
import {
  agedMachine,
  day,
  defaultLog,
  disbelievedOf,
  editHives,
  eventLogKey,
  fileOf,
  hour,
  putFile,
  snapshotAt,
  type AgedMachine,
} from './support/aged-machine';

/**
 * Facts of one disk that are of different times: which one is believed, and that the other is shown. Simulator and readers share
 * no code.
 */

const raw = String.raw;
const expandable = (data: string): RegistryData => ({ type: 'REG_EXPAND_SZ', data });
const dword = (data: number): RegistryData => ({ type: 'REG_DWORD', data });
const iso = (time: number) => new Date(time).toISOString();

const threeMonthsAgo = snapshotAt - 90 * day;
const anHourAgo = snapshotAt - hour;
const prefetch = raw`SYSTEM\ControlSet001\Control\Session Manager\Memory Management\PrefetchParameters`;

/** Up for three months, its log as it comes. */
function longRunning(given?: Parameters<typeof agedMachine>[0]): AgedMachine {
  const machine = agedMachine(given);
  machine.boot(threeMonthsAgo);
  return machine;
}

/** The log is moved three months ago, and the machine sits in safe mode since an hour. */
function movedAndSafe(file: string): AgedMachine {
  const machine = longRunning();
  machine.change(threeMonthsAgo + hour, (content) => content.writeValue(eventLogKey, 'File', expandable(file)));
  machine.restart(threeMonthsAgo + 2 * hour);
  machine.enterSafeMode(anHourAgo);
  return machine;
}

/** It sits in safe mode since an hour; the log at the usual place is the one of three months ago. */
async function withOldLog(alter: (copy: AgedMachine['disk']) => void = () => undefined) {
  const machine = longRunning();
  const old = fileOf(machine.disk, defaultLog);
  machine.enterSafeMode(anHourAgo);
  return machine.snapshot((copy) => {
    putFile(copy, defaultLog, old);
    alter(copy);
  });
}

describe('guest/snapshot-disk/evidence-age: a log that was moved three months ago', () => {
  it('does not make a machine that sits in safe mode wait for its next boot', async () => {
    const evidence = await movedAndSafe(raw`D:\Logs\System.evtx`).snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(factOf(evidence, 'boot-mode')?.bootedAt).toBeUndefined();
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
  });

  it('is shown with the value that moved it, and what it would have told is not', async () => {
    const evidence = await movedAndSafe(raw`D:\Logs\System.evtx`).snapshot();
    const by = {
      says: raw`the System log is D:\Logs\System.evtx`,
      place: raw`\Windows\System32\config\SYSTEM › ControlSet001\Services\EventLog\System › File`,
      at: iso(threeMonthsAgo + hour),
    };
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'log-elsewhere', by }]);
    expect(disbelievedOf(evidence, 'service-events')).toMatchObject([{ code: 'log-elsewhere', by }]);
    expect(evidence.find(({ kind }) => kind === 'unreadable')).toMatchObject({ need: { kind: 'service-events' } });
  });

  it('is followed on its own volume', async () => {
    const evidence = await movedAndSafe(raw`C:\Logs\System.evtx`).snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({
      mode: 'Minimal',
      bootedAt: iso(anHourAgo + 60_000),
      from: { place: expect.stringMatching(/^\\Logs\\System\.evtx › record \d+/u) as string },
    });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
    expect(evidence.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
  });

  it.each([
    raw`\\logs.contoso.com\share\System.evtx`,
    raw`\Device\HarddiskVolume7\System.evtx`,
    raw`\\?\Volume{00000000-1111-2222-3333-444444444444}\System.evtx`,
    raw`%LOGS%\System.evtx`,
    'System.evtx',
    '',
    raw`%SystemDrive%\Nowhere\System.evtx`,
  ])('is not looked for at its default path, wherever it was moved: %j', async (file) => {
    const machine = longRunning();
    machine.change(anHourAgo, (content) => content.writeValue(eventLogKey, 'File', expandable(file)));
    const evidence = await machine.snapshot((copy) =>
      editHives(copy, anHourAgo, (content) =>
        content.deleteValue(raw`SYSTEM\ControlSet001\Control`, 'SystemStartOptions'),
      ),
    );
    expect(factOf(evidence, 'boot-mode')).toBeUndefined();
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'log-elsewhere' }]);
    expect(disbelievedOf(evidence, 'service-events')).toMatchObject([{ code: 'log-elsewhere' }]);
  });

  it('by a group policy is as much elsewhere as by its own key', async () => {
    const machine = longRunning();
    machine.change(threeMonthsAgo + hour, (content) =>
      content.writeValue(raw`SOFTWARE\Policies\Microsoft\Windows\EventLog\System`, 'File', {
        type: 'REG_SZ',
        data: raw`E:\Logs\System.evtx`,
      }),
    );
    machine.restart(threeMonthsAgo + 2 * hour);
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      { code: 'log-elsewhere', by: { place: expect.stringContaining(raw`SOFTWARE › Policies`) as string } },
    ]);
  });

  it('to another partition of the same disk is read there, by the letter that the registry gives it', async () => {
    const machine = longRunning({ generation: 'V1' });
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot((copy) => {
      const { system } = openWindowsDisk(copy);
      system.makeDirectory('Logs');
      system.writeFile('Logs\\System.evtx', fileOf(copy, defaultLog));
      const data = Buffer.alloc(12);
      data.writeUInt32LE(0x5d1c3a7e);
      data.writeBigUInt64LE(1_048_576n, 4);
      editHives(copy, anHourAgo, (content) => {
        content.writeValue('SYSTEM\\MountedDevices', raw`\DosDevices\D:`, { type: 'REG_BINARY', data });
        content.writeValue(eventLogKey, 'File', expandable(raw`D:\Logs\System.evtx`));
      });
    });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({
      mode: 'Minimal',
      bootedAt: iso(anHourAgo + 60_000),
      from: { place: expect.stringContaining(raw`partition 1 \Logs\System.evtx`) as string },
    });
  });

  it('is looked for under the letter that Windows has, which need not be C:', async () => {
    const machine = longRunning();
    const evidence = await machine.snapshot((copy) => {
      putFile(copy, 'System.evtx', fileOf(copy, defaultLog));
      editHives(copy, anHourAgo, (content) => {
        content.writeValue(raw`SOFTWARE\Microsoft\Windows NT\CurrentVersion`, 'SystemRoot', {
          type: 'REG_SZ',
          data: raw`E:\Windows`,
        });
        content.writeValue(eventLogKey, 'File', expandable(raw`E:\System.evtx`));
      });
    });
    expect(factOf(evidence, 'boot-mode')?.from.place).toMatch(/^\\System\.evtx › record/u);
  });
});

describe('guest/snapshot-disk/evidence-age: a log that stopped without a word', () => {
  it('is older than the boot that the kernel counted, and both are shown', async () => {
    const evidence = await withOldLog();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      {
        code: 'older-than-boot',
        told: { at: iso(threeMonthsAgo), place: expect.stringContaining('System.evtx › record') as string },
        by: { at: iso(anHourAgo + 60_000), place: expect.stringContaining('PrefetchParameters') as string },
      },
    ]);
  });

  it('is older than the last clean shutdown, where the kernel’s count is not there', async () => {
    const evidence = await withOldLog((copy) => editHives(copy, anHourAgo, (content) => content.deleteKey(prefetch)));
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      { code: 'older-than-shutdown', told: { at: iso(threeMonthsAgo) }, by: { at: iso(anHourAgo) } },
    ]);
  });

  it('leaves the mode unknown where nothing else tells it, and the flag at work', async () => {
    const evidence = await withOldLog((copy) =>
      editHives(copy, anHourAgo, (content) =>
        content.deleteValue(raw`SYSTEM\ControlSet001\Control`, 'SystemStartOptions'),
      ),
    );
    expect(factOf(evidence, 'boot-mode')).toBeUndefined();
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'older-than-boot' }]);
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
  });
});

describe('guest/snapshot-disk/evidence-age: start options that are older than the last shutdown', () => {
  /** Booted normally three months ago and shut down since; its log stopped soon after that boot. */
  async function shutDownSince(alter: (copy: AgedMachine['disk']) => void) {
    const machine = longRunning();
    machine.flagSafeMode(threeMonthsAgo + hour);
    const old = fileOf(machine.disk, defaultLog);
    machine.guest.shutDown(anHourAgo);
    return machine.snapshot((copy) => {
      putFile(copy, defaultLog, old);
      alter(copy);
    });
  }
  const byShutdown = { code: 'older-than-shutdown', by: { at: iso(anHourAgo) } };

  it.each([
    ['that is old', () => undefined, [byShutdown, byShutdown]],
    [
      'that is not there',
      (copy: AgedMachine['disk']) => openWindowsDisk(copy).windows.deleteFile(defaultLog),
      [byShutdown],
    ],
  ])('do not tell a normal boot beside a log %s, and the flag counts as being at work', async (_, alter, expected) => {
    const evidence = await shutDownSince(alter);
    expect(factOf(evidence, 'boot-mode')).toBeUndefined();
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject(expected);
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
  });
});

describe('guest/snapshot-disk/evidence-age: a healthy log', () => {
  it('that was silent for 72 h is still a witness', async () => {
    const machine = agedMachine();
    machine.boot(snapshotAt - 100 * hour);
    machine.flagSafeMode(snapshotAt - 72 * hour);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'normal', bootedAt: iso(snapshotAt - 100 * hour) });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'next-boot' });
  });

  it('of a machine that was restarted often tells the last boot', async () => {
    const machine = longRunning();
    for (const days of [60, 30, 2]) machine.restart(snapshotAt - days * day);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')?.bootedAt).toBe(iso(snapshotAt - 2 * day + 60_000));
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });

  it('of a machine that was shut down and is off is not made older by its own shutdown', async () => {
    const machine = longRunning();
    machine.guest.shutDown(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'normal', bootedAt: iso(threeMonthsAgo) });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });

  it('of a machine that crashed and came back tells the boot after it', async () => {
    const machine = longRunning();
    machine.guest.powerOff();
    machine.boot(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'normal', bootedAt: iso(anHourAgo) });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });

  it('is believed over options of a registry that was put back from a copy, which are shown', async () => {
    const machine = longRunning();
    const before = ['', '.LOG1', '.LOG2'].map((suffix) => {
      const path = raw`Windows\System32\config\SYSTEM` + suffix;
      return { path, bytes: fileOf(machine.disk, path) };
    });
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot((copy) => {
      for (const { path, bytes } of before) putFile(copy, path, bytes);
    });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'safe', bootedAt: iso(anHourAgo + 60_000) });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      { code: 'older-than-boot', told: { at: iso(threeMonthsAgo) }, by: { at: iso(anHourAgo + 60_000) } },
    ]);
  });
});

describe('guest/snapshot-disk/evidence-age: a log that is off', () => {
  it.each([
    ['by its service', raw`SYSTEM\ControlSet001\Services\EventLog`, dword(4)],
    ['by its session', raw`SYSTEM\ControlSet001\Control\WMI\Autologger\EventLog-System`, dword(0)],
  ])('%s is no witness of the last boot, and its silence none of anything', async (_, key, value) => {
    const machine = longRunning();
    machine.change(threeMonthsAgo + hour, (content) => content.writeValue(key, 'Start', value));
    machine.restart(threeMonthsAgo + 2 * hour);
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
    const off = { code: 'log-off', by: { at: iso(threeMonthsAgo + hour) } };
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'older-than-boot' }, off]);
    expect(disbelievedOf(evidence, 'service-events')).toMatchObject([off]);
  });

  it.each([
    ['by its channel', raw`SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\System`, 'Enabled'],
    ['because Windows is marked as a Windows PE', raw`SYSTEM\ControlSet001\Control\MiniNt`, ''],
  ])('%s is none either', async (_, key, name) => {
    const machine = longRunning();
    machine.change(threeMonthsAgo + hour, (content) => content.writeValue(key, name, dword(0)));
    const evidence = await machine.snapshot();
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'log-off' }]);
  });
});

describe('guest/snapshot-disk/evidence-age: a log that is full', () => {
  const small = 2 * 65_536;

  async function filled(values: Record<string, number>, policy: Record<string, RegistryData> = {}) {
    const machine = longRunning();
    machine.change(threeMonthsAgo + hour, (content) => {
      for (const [name, data] of Object.entries(values)) content.writeValue(eventLogKey, name, dword(data));
      for (const [name, data] of Object.entries(policy)) {
        content.writeValue(raw`SOFTWARE\Policies\Microsoft\Windows\EventLog\System`, name, data);
      }
    });
    machine.restart(threeMonthsAgo + 2 * hour);
    machine.change(threeMonthsAgo + 3 * hour, (content) => {
      const [first] = content.events();
      for (let count = 0; first && count < 800; count += 1)
        content.appendEvent({ ...first, at: threeMonthsAgo + 3 * hour });
    });
    machine.enterSafeMode(anHourAgo);
    return machine.snapshot();
  }

  it('and keeps what it has is no witness of the last boot', async () => {
    const evidence = await filled({ MaxSize: small, Retention: 0xffff_ffff });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{ code: 'older-than-boot' }, { code: 'log-full' }]);
    expect(disbelievedOf(evidence, 'service-events')).toMatchObject([{ code: 'log-full' }]);
  });

  it('by a group policy is none either', async () => {
    const evidence = await filled({}, { MaxSize: dword(small / 1024), Retention: { type: 'REG_SZ', data: '1' } });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([{}, { code: 'log-full' }]);
  });

  it('by its size alone is known to be so once its last chunk is, before it refused a record', async () => {
    const machine = longRunning();
    const size = 4096 + 65_536;
    machine.change(threeMonthsAgo, (content) => {
      content.writeValue(eventLogKey, 'MaxSize', dword(65_536));
      content.writeValue(eventLogKey, 'Retention', dword(1));
    });
    const before = await machine.snapshot();
    expect(disbelievedOf(before, 'service-events')).toEqual([]);
    const full = await machine.snapshot((copy) => {
      const log = fileOf(copy, defaultLog);
      expect(log).toHaveLength(size);
      log.writeUInt32LE(65_536 - 100, 4096 + 48);
      putFile(copy, defaultLog, log);
    });
    expect(disbelievedOf(full, 'service-events')).toMatchObject([{ code: 'log-full' }]);
  });

  it('and goes around is one', async () => {
    const evidence = await filled({ MaxSize: small, Retention: 0 });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal', bootedAt: iso(anHourAgo + 60_000) });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });

  it('is not full while there is room, whatever it would do', async () => {
    const machine = longRunning();
    machine.change(threeMonthsAgo, (content) => content.writeValue(eventLogKey, 'Retention', dword(0xffff_ffff)));
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')?.bootedAt).toBe(iso(anHourAgo + 60_000));
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });
});

describe('guest/snapshot-disk/evidence-age: a clock that jumped', () => {
  const future = snapshotAt + 40 * day;

  it('ahead, and was right at the last boot, takes nothing away from that one', async () => {
    const machine = agedMachine();
    machine.boot(future);
    // Its shutdown is written by the clock that is wrong, and lies after the boot that follows.
    machine.restart(future + hour);
    machine.guest.shutDown(future + 2 * hour);
    machine.boot(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'normal', bootedAt: iso(anHourAgo) });
  });

  it('ahead at the last boot leaves that without a time, and takes no older record for the last', async () => {
    const machine = longRunning();
    machine.enterSafeMode(future);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(factOf(evidence, 'boot-mode')?.bootedAt).toBeUndefined();
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      { code: 'clock-ahead', told: { at: iso(future + 60_000) }, by: { at: iso(snapshotAt) } },
    ]);
  });

  it('back by years at the last boot takes no older record for the last', async () => {
    const machine = longRunning();
    machine.flagSafeMode(anHourAgo);
    machine.guest.shutDown(anHourAgo);
    machine.boot(Date.parse('2016-01-01T00:00:00Z'));
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(safeMode.recognise(evidence)).toMatchObject({ kind: 'present', effect: 'now' });
  });
});

describe('guest/snapshot-disk/evidence-age: two control sets', () => {
  it('the log is where the set of the last boot has it', async () => {
    const machine = longRunning({ hasOlderControlSet: true });
    machine.change(threeMonthsAgo, (content) =>
      content.writeValue(eventLogKey.replace('001', '002'), 'File', expandable(raw`D:\Logs\System.evtx`)),
    );
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot();
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal', bootedAt: iso(anHourAgo + 60_000) });
    expect(disbelievedOf(evidence, 'boot-mode')).toEqual([]);
  });

  it('a shutdown that is written in the set of the boot before is as good', async () => {
    const machine = longRunning({ hasOlderControlSet: true });
    const old = fileOf(machine.disk, defaultLog);
    // The next boot takes the last known good set; the shutdown before it still belongs to the other.
    machine.change(anHourAgo, (content) => content.writeValue(raw`SYSTEM\Select`, 'Default', dword(2)));
    machine.enterSafeMode(anHourAgo);
    const evidence = await machine.snapshot((copy) => {
      putFile(copy, defaultLog, old);
      editHives(copy, anHourAgo, (content) => {
        content.deleteKey(prefetch);
        content.deleteKey(prefetch.replace('001', '002'));
      });
    });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({ mode: 'Minimal' });
    expect(disbelievedOf(evidence, 'boot-mode')).toMatchObject([
      { code: 'older-than-shutdown', by: { place: expect.stringContaining('ControlSet001') as string } },
    ]);
  });
});

describe('guest/snapshot-disk/evidence-age: a Windows that the boot store has elsewhere', () => {
  const elements = ['BCD', 'Objects', installedLoaderId, 'Elements'].join('\\');
  const config = raw`Windows\System32\config`;

  async function withRoot(root: string, change: (copy: AgedMachine['disk']) => void = () => undefined) {
    const machine = longRunning();
    machine.guest.shutDown(anHourAgo);
    return machine.snapshot((copy) => {
      change(copy);
      editHives(copy, anHourAgo, (content) => {
        content.writeValue(`${elements}\\22000002`, 'Element', { type: 'REG_SZ', data: root });
        // The partition that was booted from: it names none by itself.
        content.writeValue(`${elements}\\21000001`, 'Element', { type: 'REG_BINARY', data: Buffer.alloc(0x58) });
      });
    });
  }

  it.each([raw`\WinNew`, raw`\Fenêtres\Système`])(
    'is searched for in the directory that it names: %s',
    async (root) => {
      const evidence = await withRoot(root, (copy) => {
        const there = `${root.slice(1)}\\System32\\config`;
        openWindowsDisk(copy).windows.makeDirectory(there);
        for (const hive of ['SYSTEM', 'SOFTWARE']) {
          putFile(copy, `${there}\\${hive}`, fileOf(copy, `${config}\\${hive}`));
        }
      });
      expect(factOf(evidence, 'control-sets')?.from.place).toBe(raw`${root}\System32\config\SYSTEM › Select`);
    },
  );

  it('is said not to have been followed where what it names can be no directory', async () => {
    const evidence = await withRoot(raw`\..\..\elsewhere`);
    expect(factOf(evidence, 'control-sets')?.from.place).toBe(raw`\Windows\System32\config\SYSTEM › Select`);
    expect(disbelievedOf(evidence, 'control-sets')).toMatchObject([
      { code: 'not-followed', told: { says: raw`Windows is in \..\..\elsewhere` } },
    ]);
  });
});

describe('guest/snapshot-disk/evidence-age: what was not believed', () => {
  it('comes back from a repair’s documents as it was, and is told in words, too', async () => {
    const evidence = await withOldLog();
    for (const item of evidence) {
      expect(evidenceItem.parse(JSON.parse(JSON.stringify(item)))).toEqual(item);
    }
    expect(factOf(evidence, 'boot-mode')?.from.caution).toContain(
      'not believed: the System log’s last boot was normal',
    );
  });
});
