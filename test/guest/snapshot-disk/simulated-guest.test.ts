import { openWindowsDisk } from '../../../local/disk/open-volumes';
import { mountContent } from '../../../local/windows/disk-content';
import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import type { WindowsGuest } from '../../../local/windows/guest';
import { factOf } from '../../../src/guest/evidence';
import { machineKinds } from '../../local/windows/support/running-guest';
import { pairwise } from '../../support/pairwise';
import { brokenAt, claims, snapshotOf } from './support/guest-snapshot';

/**
 * What a running guest did to its disk, read off a copy of it that was taken while it ran, as a snapshot is: hives are dirty
 * and their logs have the newest values. Readers and simulator share no code.
 */

const rows = pairwise({ claim: [...claims.keys()], ...machineKinds });

describe('guest/snapshot-disk/simulated-guest: a running guest', () => {
  it.each(rows)('($language, $generation) $claim', async ({ claim, ...machine }) => {
    expect.hasAssertions();
    await claims.get(claim)?.(machine);
  });
});

describe('guest/snapshot-disk/simulated-guest: how the last boot went', () => {
  const machine = { language: 'en-US', generation: 'V2' } as const;
  const intoSafeMode = (guest: WindowsGuest) => {
    enterSafeMode(guest, brokenAt, { mode: 'Minimal', restart: true });
  };

  it('is known from what the kernel was started with when the event log is gone, but not when it was', async () => {
    const evidence = await snapshotOf(machine, intoSafeMode, (disk) => {
      openWindowsDisk(disk).windows.deleteFile('Windows\\System32\\winevt\\Logs\\System.evtx');
    });
    const mode = factOf(evidence, 'boot-mode');
    expect(mode).toMatchObject({ mode: 'Minimal' });
    expect(mode?.bootedAt).toBeUndefined();
    expect(mode?.from).toMatchObject({
      place: expect.stringContaining('SystemStartOptions') as string,
      caution: expect.stringContaining('the time of the boot is not known') as string,
    });
  });

  it('is believed of the event log where the two differ, and the difference is said', async () => {
    const evidence = await snapshotOf(machine, intoSafeMode, (disk) => {
      const content = mountContent(disk);
      content.writeValue('SYSTEM\\ControlSet001\\Control', 'SystemStartOptions', {
        type: 'REG_SZ',
        data: ' NOEXECUTE=OPTOUT',
      });
      content.flush();
    });
    expect(factOf(evidence, 'boot-mode')).toMatchObject({
      mode: 'safe',
      from: { caution: expect.stringContaining('the options in the registry of one that was normal') as string },
    });
  });
});
