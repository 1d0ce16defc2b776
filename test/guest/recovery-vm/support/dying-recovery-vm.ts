/** A recovery VM that loses its power in the middle of a repair, and what must come of the repair that is begun again. */
import { openWindowsDisk } from '../../../../local/disk/open-volumes';
import { workLeftIn } from '../../../../local/windows/offline-disk-scripts';
import { isReleased } from '../../../../src/guest/routes/recovery-vm-answers';
import { automatic, brokenCopy, change, config, look, stateOf } from './broken-copy';
import { guestFrom, startedAt } from './patient';
import { recoveryVm, repairId, type RecoveryVm } from './recovery-guest';

/** How often the scripts of a whole repair let time pass: a power cut can be seen there. */
export const pauses = 33;

/** The same, counted. */
export async function countPauses(): Promise<number> {
  const vm = recoveryVm(brokenCopy(), 'V1');
  let counted = 0;
  vm.onPause = () => (counted += 1);
  await repair(vm, 'counted');
  return counted;
}

/** Lets the power go at this pause, begins again, and expects the copy as a repair leaves it that nobody disturbed. */
export async function dieAt(pause: number): Promise<void> {
  const template = brokenCopy();
  const original = openWindowsDisk(template).windows.readFile(`${config}\\SYSTEM`);
  const copy = template.copy();
  const vm = recoveryVm(copy, 'V1');
  let passed = 0;
  vm.onPause = () => {
    passed += 1;
    if (passed !== pause) return;
    vm.guest.powerOff();
    throw new Error('the power went');
  };
  await expect(repair(vm, 'first')).rejects.toThrow('the power went');
  vm.onPause = () => undefined;
  vm.guest.boot(startedAt);
  const { disk, results, released } = await repair(vm, 'second');

  expect(results.every(({ outcome }) => outcome === 'changed' || outcome === 'right-already')).toBe(true);
  expect(isReleased(released)).toBe(true);
  expect(workLeftIn(vm.guest)).toEqual([]);
  expect(
    vm.guest
      .attachedDisks()
      ?.disks()
      .find(({ isOwn }) => !isOwn)?.isOffline,
  ).toBe(true);
  expect(stateOf(copy)).toEqual({ first: automatic, second: automatic, safeboot: false });
  const { windows } = openWindowsDisk(copy);
  const copies = windows.list(config)?.filter((name) => name.startsWith('SYSTEM.') && name.includes('rdp-lifeline'));
  expect(copies).toHaveLength(disk.backups.filter(({ path }) => path.includes('\\SYSTEM')).length);
  expect(windows.readFile(`${config}\\SYSTEM.rdp-lifeline-${repairId}`)).toEqual(original);
  const patient = guestFrom(copy);
  patient.boot(startedAt);
  expect(patient.isRdpListening(startedAt + 60_000)).toBe(true);
}

/** The whole of a repair on the copy, as it is begun again from its start after a crash. */
async function repair(vm: RecoveryVm, attempt: string) {
  const disk = await vm.prepared(`prepare-${attempt}`);
  const looked = await look(vm, disk, `look-${attempt}`);
  if (!looked.controlSets.ok) throw new Error(looked.controlSets.reason);
  const results = await change(vm, disk, { controlSets: looked.controlSets.value, name: `change-${attempt}` });
  const released = await vm.release(`release-${attempt}`);
  return { disk, results, released };
}
