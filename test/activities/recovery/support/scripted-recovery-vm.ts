import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { createScriptRunner } from '../../../../local/windows/agent';
import type { GuestRunRequest } from '../../../../src/azure/ports';
import { recoveryVm } from '../../../guest/recovery-vm/support/recovery-guest';
import type { FakeWorld } from '../../support/fakes';

/** What happens in place of a run; it fails, prints something else, or carries out something else. */
export type Instead = (request: GuestRunRequest) => { output: string } | 'failed' | GuestRunRequest;

/**
 * Lets the world's recovery VM carry out the very scripts on this disk, which is attached to it. `insteadOf` gives what happens to a
 * run in its place, by the run's name. `generation` is the recovery VM's own, and not that of the disk.
 */
export function carryOutScripts(
  world: FakeWorld,
  disk: SparseDisk,
  insteadOf: (name: string) => Instead | undefined,
  generation: 'V1' | 'V2' = 'V1',
): void {
  const host = { guest: recoveryVm(disk, generation).guest, pause: () => Promise.resolve() };
  const runScript = createScriptRunner();
  /** A run is carried out once, however often and at whatever time it is looked at. */
  const ends = new Map<string, ReturnType<typeof endOf>>();
  async function endOf(request: GuestRunRequest): Promise<{ output: string; error: string } | 'failed'> {
    const other = insteadOf(request.name)?.(request);
    if (other === 'failed') return other;
    if (other && 'output' in other) return { ...other, error: '' };
    const { script, parameters } = other ?? request;
    const { output, error } = await runScript(host, script, parameters);
    return { output, error };
  }
  const { arm } = world.tools;
  world.tools = {
    ...world.tools,
    arm: {
      ...arm,
      async getGuestRun(vmId, name) {
        const found = await arm.getGuestRun(vmId, name);
        if (!found.ok) return found;
        const request = world.runs.get(`${vmId}/${name}`.toLowerCase())?.request;
        if (!request) throw new Error(`${name} was not begun.`);
        const running = ends.get(name) ?? endOf(request);
        ends.set(name, running);
        const end = await running;
        if (end === 'failed') {
          const failed = { state: 'failed' as const, code: 'run-failed' as const, reason: 'Exit code 1.' };
          return { ok: true, value: { ...failed, output: '', error: '' } };
        }
        return { ok: true, value: { state: 'succeeded', ...end } };
      },
    },
  };
}
