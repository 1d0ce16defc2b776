import type { RepairReport } from '../../src/report/repair-report';
import { openPersonsShell, type PersonsShell } from '../support/azure-cli';
import { begin, finish, manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';
import { dhcpOf, resourcesOf, startScenario, type Scenario } from './support/scenario';

/**
 * What reports tell people to type is typed as it stands there, in bash and by somebody with the rights of a contributor; the
 * simulated Azure and its guests judge what came of it. `az` is the Azure CLI where Debian's package is installed.
 */

let scenario: Scenario;
let shell: PersonsShell;

/** Several at once: what takes long is Azure and Windows. */
const cases = {
  /** By Run Command. */
  live: 'vm-dhcp-disabled',
  /** By a recovery VM, with an option besides. */
  copied: 'vm-healthy',
  rolledBack: 'vm-dhcp-untagged',
  /** What was made could not be deleted: with a recovery VM, and without. */
  left: 'vm-dhcp-diagnose',
  runs: 'vm-bitlocker',
  /** The VM could not be started again. */
  stopped: 'vm-nsg-blocked',
  directory: 'vm-directory',
} as const;

const crashControlKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\CrashControl`;
const dumpFile = String.raw`%SystemRoot%\old dumps\MEMORY.DMP`;

let crashControlBefore: string;
let live: RepairReport;
let copied: Ended;
let rolledBack: { repair: Ended; report: RepairReport };
let left: RepairReport;
let runs: RepairReport;
let stopped: RepairReport;
let directory: RepairReport;

beforeAll(async () => {
  const settings = { ...manyPlaces, RECOVERY_ENABLE_CRASH_DUMP: 'on' };
  scenario = await startScenario({ settings });
  shell = await openPersonsShell(scenario.cloud.azure);
  await scenario.azure.addVm(cases.directory, cases.live, { isDomainController: true });
  await refuse('DELETE', `${cases.runs}/runCommands`);
  [live, copied, rolledBack, left, runs, stopped, directory] = await Promise.all([
    scenario.repair(cases.live),
    repairCopied(),
    rollBack(cases.rolledBack),
    repairWith(cases.left, (repairId) => refuse('DELETE', repairId)),
    scenario.repair(cases.runs),
    repairWith(cases.stopped, () => refuse('POST', `${cases.stopped}/start`)),
    scenario.repair(cases.directory),
  ]);
  await scenario.azure.delete('/faults');
});

afterAll(async () => {
  await shell.stop();
  await scenario.stop();
});

describe('scenarios/undo: of a repair by Run Command', () => {
  it('puts back in the guest what was changed', async () => {
    expect(live).toMatchObject({ ending: 'repaired', temporary: [] });
    await type(live, 'the changes in the guest');
    expect(dhcpOf(await scenario.azure.vm(cases.live))).toEqual({ startType: 4, state: 'STOPPED' });
  });

  it('puts a disk of the first snapshot under the VM, and deletes that snapshot when it is no longer wanted', async () => {
    const { osDiskId: original } = await scenario.azure.vm(cases.live);
    const [snapshot] = await resourcesOf(scenario.azure, live.repairId);
    const { [snapshot?.id.toLowerCase() ?? '']: content } = await scenario.azure.contents();
    const restore = commandsOf(live, 'everything on the OS disk since the first snapshot');

    await run(restore.slice(0, 1));
    const name = /--name (\S+)/.exec(restore[0] ?? '')?.[1] ?? '';
    const made = (await scenario.azure.resources()).find(({ id }) => id.endsWith(`/disks/${name}`));
    expect((await scenario.azure.contents())[made?.id.toLowerCase() ?? '']).toBe(content);
    await run(restore.slice(1));

    const { osDiskId, powerState } = await scenario.azure.vm(cases.live);
    expect([powerState, osDiskId.toLowerCase()]).toEqual(['running', made?.id.toLowerCase()]);
    expect(await ids()).toContain(original.toLowerCase());
    await type(live, 'the first snapshot');
    expect(await resourcesOf(scenario.azure, live.repairId)).toEqual([]);
  });
});

describe('scenarios/undo: of a repair by a recovery VM', () => {
  it('puts back in the guest what was changed on the copy, also a value that a shell would expand', async () => {
    expect(copied.broken).toEqual([]);
    expect(await crashControl()).toMatch(/CrashDumpEnabled\s+REG_DWORD\s+0x1/);
    const changes = copied.report.wayBack.find(({ undoes }) => undoes.startsWith('the changes in the guest'));
    expect(changes?.note).toContain('%SystemRoot%');
    expect(changes?.commands.join()).toContain('-EncodedCommand');

    await type(copied.report, 'the changes in the guest');

    const vm = await scenario.azure.vm(cases.copied);
    expect(dhcpOf(vm)).toMatchObject({ startType: 4 });
    // Of what was not there nothing is left.
    expect(await crashControl()).toBe(crashControlBefore);
  });

  it('puts the original disk back', async () => {
    await type(copied.report, 'the exchange of the OS disk at');
    const { osDiskId } = copied.before;
    expect(await scenario.azure.vm(cases.copied)).toMatchObject({ powerState: 'running', osDiskId });
  });

  it('deletes either snapshot by its own entry', async () => {
    const snapshots = async () =>
      (await resourcesOf(scenario.azure, copied.report.repairId)).filter(({ type: of }) => of.endsWith('/snapshots'));
    await type(copied.report, 'the first snapshot');
    expect((await snapshots()).map(({ id }) => id.endsWith('-stopped-1'))).toEqual([true]);
    await type(copied.report, 'the snapshot of the stopped disk, of round 1');
    expect(await snapshots()).toEqual([]);
  });
});

describe('scenarios/undo: of a rollback', () => {
  it('was asked for by the line of the repair’s report', () => {
    const { repair, report } = rolledBack;
    expect(report).toMatchObject({ rollsBack: repair.report.repairId, ending: 'rolled-back' });
  });

  it('puts the copy back, without its expiry, and deletes the snapshot that it was kept in', async () => {
    const { report, repair } = rolledBack;
    const copy = repair.vm.osDiskId;
    expect((await resource(copy))?.tags).toHaveProperty('rdp-lifeline-expires');

    await type(report, 'the rollback at');

    expect(await scenario.azure.vm(cases.rolledBack)).toMatchObject({ powerState: 'running', osDiskId: copy });
    expect((await resource(copy))?.tags).not.toHaveProperty('rdp-lifeline-expires');
    expect((await resource(copy))?.tags).toHaveProperty('rdp-lifeline-repair');
    await type(report, 'the snapshot of the copy, taken before the rollback');
    expect(await resourcesOf(scenario.azure, report.repairId)).toEqual([]);
  });
});

describe('scenarios/undo: of what was left', () => {
  it('deletes the recovery VM, its network interface and the trial copy', async () => {
    const machine = (await ids()).find((id) => id.endsWith(`/virtualmachines/rdp-lifeline-${left.repairId}`));
    expect(machine).toBeDefined();
    // The trial copy, and the recovery VM's own disk, which goes with it.
    const kinds = left.temporary.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['disk', 'disk', 'network-interface', 'virtual-machine']);
    for (const { undoes, commands } of left.wayBack.filter(isRemoval)) await run(commands, undoes);
    const named = (await ids()).filter((id) => id.includes(left.repairId));
    expect(named.filter((id) => !id.includes('/snapshots/'))).toEqual([]);
  });

  it('deletes every Run Command', async () => {
    expect(runs.ending).toBe('repaired');
    expect(new Set(runs.temporary.map(({ kind }) => kind))).toEqual(new Set(['run-command']));
    const removals = runs.wayBack.filter(isRemoval);
    expect(removals).toHaveLength(runs.temporary.length);
    for (const { undoes, commands } of removals) await run(commands, undoes);
    for (const { resourceId = '' } of runs.temporary) {
      const name = resourceId.slice(resourceId.lastIndexOf('/') + 1);
      const calls = await scenario.azure.calls(`${cases.runs}/runCommands/${name}`);
      expect(calls.filter(({ method, status }) => method === 'DELETE' && status === 202)).toHaveLength(1);
    }
  });

  it('starts a VM that could not be started', async () => {
    expect(stopped.temporary).toContainEqual(expect.objectContaining({ kind: 'power-off' }));
    expect((await scenario.azure.vm(cases.stopped)).powerState).not.toBe('running');
    await type(stopped, 'the stop');
    expect((await scenario.azure.vm(cases.stopped)).powerState).toBe('running');
  });
});

describe('scenarios/undo: of a domain controller', () => {
  it('has no line that puts another disk under it, and says why; what was changed in the guest is put back', async () => {
    expect(directory).toMatchObject({ ending: 'repaired' });
    const { osDiskId } = await scenario.azure.vm(cases.directory);
    const told = JSON.stringify(directory.wayBack);
    expect(told).not.toMatch(/--os-disk|az disk create|rollback"/);
    expect(told).toContain('USN rollback');
    for (const { undoes, commands } of directory.wayBack) await run(commands, undoes);
    expect(await scenario.azure.vm(cases.directory)).toMatchObject({ powerState: 'running', osDiskId });
    expect(dhcpOf(await scenario.azure.vm(cases.directory))).toEqual({ startType: 4, state: 'STOPPED' });
    expect(await resourcesOf(scenario.azure, directory.repairId)).toEqual([]);
  });
});

/** The commands of the one entry that begins so. */
function commandsOf({ wayBack }: RepairReport, beginning: string): string[] {
  const ways = wayBack.filter(({ undoes }) => undoes.startsWith(beginning));
  if (ways.length !== 1) throw new Error(`${ways.length} of ${JSON.stringify(wayBack)} begin with "${beginning}".`);
  return ways.flatMap(({ commands }) => commands);
}

async function type(report: RepairReport, beginning: string): Promise<void> {
  await run(commandsOf(report, beginning), beginning);
}

/** One after another; each must end well. */
async function run(commands: readonly string[], what = ''): Promise<string> {
  const { url, key } = scenario.cloud;
  let last = '';
  for (const command of commands) {
    const end = await shell.run(command, { APP: url, KEY: key });
    expect([what, command, end.status === 0 ? '' : end.error]).toEqual([what, command, '']);
    last = end.output;
  }
  return last;
}

function isRemoval({ commands }: RepairReport['wayBack'][number]): boolean {
  return /^az (?:vm|network nic|disk|vm run-command) delete /.test(commands[0] ?? '');
}

/** Somebody had dumps written elsewhere. */
async function repairCopied(): Promise<Ended> {
  await invokeOnCopied(`reg.exe add '${crashControlKey}' /v DumpFile /t REG_EXPAND_SZ /d '${dumpFile}' /f`);
  crashControlBefore = await crashControl();
  return repairCutOff(scenario, cases.copied);
}

async function crashControl(): Promise<string> {
  return invokeOnCopied(`reg.exe query '${crashControlKey}'`);
}

/** What a line of PowerShell printed in that guest. */
async function invokeOnCopied(line: string): Promise<string> {
  const vmId = await scenario.vmId(cases.copied);
  const invoke = `az vm run-command invoke --ids ${vmId} --command-id RunPowerShellScript --scripts`;
  const answer = JSON.parse(await run([`${invoke} "${line}"`])) as { value: { message: string }[] };
  return answer.value[0]?.message ?? '';
}

async function ids(): Promise<string[]> {
  return (await scenario.azure.resources()).map(({ id }) => id.toLowerCase());
}

async function resource(id: string) {
  return (await scenario.azure.resources()).find((one) => one.id.toLowerCase() === id.toLowerCase());
}

/** From now on Azure refuses these calls, as where a role lacks the action. */
async function refuse(method: string, pathContains: string): Promise<void> {
  const match = { method, pathContains };
  await scenario.azure.post('/faults', {
    match,
    times: 100_000,
    when: 'before',
    status: 403,
    code: 'AuthorizationFailed',
  });
}

async function repairWith(name: string, prepare: (repairId: string) => Promise<void>): Promise<RepairReport> {
  const held = await begin(scenario, name);
  await prepare(held.repairId);
  return (await finish(scenario, held)).report;
}

/** Repairs it, and rolls it back by the line of its report. */
async function rollBack(name: string): Promise<{ repair: Ended; report: RepairReport }> {
  const repair = await repairCutOff(scenario, name);
  const answer = JSON.parse(await run(commandsOf(repair.report, 'the exchange of the OS disk, by this app'))) as {
    repairId: string;
  };
  return { repair, report: await scenario.follow(answer.repairId) };
}
