/**
 * A simulated recovery VM with disks attached to it, behind the runs that the route renders: requests go in, the production
 * readers read what comes out.
 */
import { createScriptRunner } from '../../../../local/windows/agent';
import type { AttachedDisk } from '../../../../local/windows/attached-disks';
import { mountContent } from '../../../../local/windows/disk-content';
import { createWindowsGuest, type WindowsGuest } from '../../../../local/windows/guest';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import type { GuestRunRequest } from '../../../../src/azure/ports';
import type { GuestAnswer, GuestCommand } from '../../../../src/guest/command';
import {
  renderCommands,
  renderPreparation,
  renderRelease,
  type PreparationPurpose,
} from '../../../../src/guest/routes/recovery-vm';
import {
  readPreparation,
  readRelease,
  type PreparedDisk,
  type RefusedDisk,
  type ReleasedDisk,
} from '../../../../src/guest/routes/recovery-vm-answers';
import { nonceOf } from '../../../../src/guest/routes/run-command';
import { readAnswer, readFrame, type FramePart } from '../../../../src/guest/routes/run-command-frame';
import { repairIdOf } from '../../../../src/repair-id';
import { BOOTED_AT, installedBytes } from '../../../local/windows/support/running-guest';

export const repairId = repairIdOf('recovery', '2026-03-01T09:00:00.000Z');
export const copyLun = 2;
const place = { location: 'westeurope', tags: { 'rdp-lifeline-repair': repairId } };
const runScript = createScriptRunner();

interface Preparation {
  lun?: number;
  sizeBytes?: number;
  purpose?: PreparationPurpose;
}

export interface RecoveryVm {
  guest: WindowsGuest;
  /** What is attached; tests add and remove. */
  attached: AttachedDisk[];
  /** Called whenever a script lets time pass: a test may let the guest go down there. */
  onPause: () => void;
  prepare(name?: string, given?: Preparation): Promise<PreparedDisk | RefusedDisk>;
  /** The same, and an error unless the disk was prepared. */
  prepared(name?: string): Promise<PreparedDisk>;
  commands(name: string, commands: GuestCommand[]): Promise<GuestAnswer>;
  release(name?: string): Promise<ReleasedDisk>;
}

/** A recovery VM that runs; `copy` is attached to it. */
export function recoveryVm(copy: SparseDisk, generation: 'V1' | 'V2'): RecoveryVm {
  const own = installedBytes({ computerName: 'RECOVERY', generation });
  const attached: AttachedDisk[] = [{ lun: copyLun, bytes: copy }];
  const guest = createWindowsGuest({
    mount: (options) => mountContent(own, options),
    address: '10.9.0.4',
    systemDisk: () => own,
    attachedDisks: () => attached,
  });
  guest.boot(BOOTED_AT);
  const host = {
    guest,
    pause: () => {
      vm.onPause();
      return Promise.resolve();
    },
  };

  async function run(request: GuestRunRequest): Promise<FramePart> {
    const end = await runScript(host, request.script, request.parameters);
    const frame = readFrame(end.output, request.parameters.Nonce ?? '');
    if (!frame.ok) throw new Error(`${request.name}: ${frame.reason} ${end.error}`);
    return frame.part;
  }
  async function prepare(name = 'prepare', given: Preparation = {}) {
    const { lun = copyLun, sizeBytes = copy.size, purpose = 'repair' } = given;
    const part = await run(renderPreparation({ repairId, name }, { lun, sizeBytes, purpose }, place));
    const read = readPreparation([part], { repairId, nonce: nonceOf({ repairId, name, part: 1 }), purpose });
    if (!read.ok) throw new Error(read.reason);
    return read.answer;
  }

  const vm: RecoveryVm = {
    guest,
    attached,
    onPause: () => undefined,
    prepare,
    async prepared(name) {
      const answer = await prepare(name);
      if (answer.kind !== 'prepared') throw new Error(`${answer.code}: ${answer.detail}`);
      return answer;
    },
    async commands(name, commands) {
      const parts: FramePart[] = [];
      do {
        const request = renderCommands({ repairId, name, part: parts.length + 1 }, commands, place);
        parts.push(await run(request));
      } while (parts.length < (parts[0]?.parts ?? 1));
      const read = readAnswer(parts, nonceOf({ repairId, name, part: 1 }));
      if (!read.ok) throw new Error(read.reason);
      return read.answer;
    },
    async release(name = 'release') {
      const part = await run(renderRelease({ repairId, name }, { lun: copyLun, sizeBytes: copy.size }, place));
      const read = readRelease([part], { nonce: nonceOf({ repairId, name, part: 1 }) });
      if (!read.ok) throw new Error(read.reason);
      return read.answer;
    },
  };
  return vm;
}
