/** What reports tell people to type, typed as it stands there. */
import type { RepairReport } from '../../../src/report/repair-report';
import { openPersonsShell } from '../../support/azure-cli';
import { begin, finish } from './recovery-cases';
import type { Scenario } from './scenario';

/** A person at a shell, with the rights of a contributor. */
export interface Person {
  /** Types these commands one after another; each must end well. Gives what the last one printed. */
  run(commands: readonly string[], what?: string): Promise<string>;
  /** Types the commands of the one entry that begins so. */
  type(report: RepairReport, beginning: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openPerson({ cloud }: Scenario): Promise<Person> {
  const shell = await openPersonsShell(cloud.azure);
  async function run(commands: readonly string[], what = ''): Promise<string> {
    const { url, key } = cloud;
    let last = '';
    for (const command of commands) {
      const end = await shell.run(command, { APP: url, KEY: key });
      expect([what, command, end.status === 0 ? '' : end.error]).toEqual([what, command, '']);
      last = end.output;
    }
    return last;
  }
  return {
    run,
    async type(report, beginning) {
      await run(commandsOf(report, beginning), beginning);
    },
    stop: () => shell.stop(),
  };
}

/** The commands of the one entry that begins so. */
export function commandsOf({ wayBack }: RepairReport, beginning: string): string[] {
  const ways = wayBack.filter(({ undoes }) => undoes.startsWith(beginning));
  if (ways.length !== 1) throw new Error(`${ways.length} of ${JSON.stringify(wayBack)} begin with "${beginning}".`);
  return ways.flatMap(({ commands }) => commands);
}

export function isRemoval({ commands }: RepairReport['wayBack'][number]): boolean {
  return /^az (?:vm|network nic|disk|vm run-command) delete /.test(commands[0] ?? '');
}

/** From now on Azure refuses these calls, as where a role lacks the action. */
export async function refuse({ azure }: Scenario, method: string, pathContains: string): Promise<void> {
  const match = { method, pathContains };
  await azure.post('/faults', { match, times: 100_000, when: 'before', status: 403, code: 'AuthorizationFailed' });
}

/** Repairs a VM that is cut off, with what is prepared once its repair has begun. */
export async function repairWith(
  scenario: Scenario,
  name: string,
  prepare: (repairId: string) => Promise<void>,
): Promise<RepairReport> {
  const held = await begin(scenario, name);
  await prepare(held.repairId);
  return (await finish(scenario, held)).report;
}

/** Lower-cased ids of everything that is there. */
export async function idsIn({ azure }: Scenario): Promise<string[]> {
  return (await azure.resources()).map(({ id }) => id.toLowerCase());
}
