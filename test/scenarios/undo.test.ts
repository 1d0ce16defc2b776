import type { RepairReport } from '../../src/report/repair-report';
import { manyPlaces, repairCutOff, type Ended } from './support/recovery-cases';
import { dhcpOf, resourcesOf, startScenario, type Scenario } from './support/scenario';
import { commandsOf, idsIn, isRemoval, openPerson, refuse, type Person } from './support/typed-undo';

/**
 * What reports tell people to type is typed as it stands there, in bash and by somebody with the rights of a contributor; the
 * simulated Azure and its guests judge what came of it. `az` is the Azure CLI where Debian's package is installed. More of it:
 * undo.full.test.ts.
 */

let scenario: Scenario;
let person: Person;

/** Several at once: what takes long is Azure and Windows. */
const cases = {
  /** By Run Command. */
  live: 'vm-dhcp-disabled',
  /** By a recovery VM, with an option besides. */
  copied: 'vm-healthy',
  /** What was made could not be deleted. */
  runs: 'vm-bitlocker',
  directory: 'vm-directory',
} as const;

const crashControlKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\CrashControl`;
const dumpFile = String.raw`%SystemRoot%\old dumps\MEMORY.DMP`;

let crashControlBefore: string;
let live: RepairReport;
let copied: Ended;
let runs: RepairReport;
let directory: RepairReport;

beforeAll(async () => {
  const settings = { ...manyPlaces, RECOVERY_ENABLE_CRASH_DUMP: 'on' };
  scenario = await startScenario({ settings });
  person = await openPerson(scenario);
  await scenario.azure.addVm(cases.directory, cases.live, { isDomainController: true });
  await refuse(scenario, 'DELETE', `${cases.runs}/runCommands`);
  [live, copied, runs, directory] = await Promise.all([
    scenario.repair(cases.live),
    repairCopied(),
    scenario.repair(cases.runs),
    scenario.repair(cases.directory),
  ]);
  await scenario.azure.delete('/faults');
});

afterAll(async () => {
  await person.stop();
  await scenario.stop();
});

describe('scenarios/undo: of a repair by Run Command', () => {
  it('puts back in the guest what was changed; then puts a disk of the first snapshot under the VM, and deletes that snapshot when it is no longer wanted', async () => {
    expect(live).toMatchObject({ ending: 'repaired', temporary: [] });
    await person.type(live, 'the changes in the guest');
    expect(dhcpOf(await scenario.azure.vm(cases.live))).toEqual({ startType: 4, state: 'STOPPED' });

    const { osDiskId: original } = await scenario.azure.vm(cases.live);
    const [snapshot] = await resourcesOf(scenario.azure, live.repairId);
    const { [snapshot?.id.toLowerCase() ?? '']: content } = await scenario.azure.contents();
    const restore = commandsOf(live, 'everything on the OS disk since the first snapshot');

    await person.run(restore.slice(0, 1));
    const name = /--name (\S+)/.exec(restore[0] ?? '')?.[1] ?? '';
    const made = (await scenario.azure.resources()).find(({ id }) => id.endsWith(`/disks/${name}`));
    expect((await scenario.azure.contents())[made?.id.toLowerCase() ?? '']).toBe(content);
    await person.run(restore.slice(1));

    const { osDiskId, powerState } = await scenario.azure.vm(cases.live);
    expect([powerState, osDiskId.toLowerCase()]).toEqual(['running', made?.id.toLowerCase()]);
    expect(await idsIn(scenario)).toContain(original.toLowerCase());
    await person.type(live, 'the first snapshot');
    expect(await resourcesOf(scenario.azure, live.repairId)).toEqual([]);
  });
});

describe('scenarios/undo: of a repair by a recovery VM', () => {
  it('puts back in the guest what was changed on the copy, also a value that a shell would expand; then puts the original disk back, and deletes either snapshot by its own entry', async () => {
    expect(copied.broken).toEqual([]);
    expect(await crashControl()).toMatch(/CrashDumpEnabled\s+REG_DWORD\s+0x1/);
    const changes = copied.report.wayBack.find(({ undoes }) => undoes.startsWith('the changes in the guest'));
    expect(changes?.note).toContain('%SystemRoot%');
    expect(changes?.commands.join()).toContain('-EncodedCommand');

    await person.type(copied.report, 'the changes in the guest');

    const vm = await scenario.azure.vm(cases.copied);
    expect(dhcpOf(vm)).toMatchObject({ startType: 4 });
    // Of what was not there nothing is left.
    expect(await crashControl()).toBe(crashControlBefore);

    await person.type(copied.report, 'the exchange of the OS disk at');
    const { osDiskId } = copied.before;
    expect(await scenario.azure.vm(cases.copied)).toMatchObject({ powerState: 'running', osDiskId });

    const snapshots = async () =>
      (await resourcesOf(scenario.azure, copied.report.repairId)).filter(({ type: of }) => of.endsWith('/snapshots'));
    await person.type(copied.report, 'the first snapshot');
    expect((await snapshots()).map(({ id }) => id.endsWith('-stopped-1'))).toEqual([true]);
    await person.type(copied.report, 'the snapshot of the stopped disk, of round 1');
    expect(await snapshots()).toEqual([]);
  });
});

describe('scenarios/undo: of what was left', () => {
  it('deletes every Run Command', async () => {
    expect(runs.ending).toBe('repaired');
    expect(new Set(runs.temporary.map(({ kind }) => kind))).toEqual(new Set(['run-command']));
    const removals = runs.wayBack.filter(isRemoval);
    expect(removals).toHaveLength(runs.temporary.length);
    for (const { undoes, commands } of removals) await person.run(commands, undoes);
    for (const { resourceId = '' } of runs.temporary) {
      const name = resourceId.slice(resourceId.lastIndexOf('/') + 1);
      const calls = await scenario.azure.calls(`${cases.runs}/runCommands/${name}`);
      expect(calls.filter(({ method, status }) => method === 'DELETE' && status === 202)).toHaveLength(1);
    }
  });
});

describe('scenarios/undo: of a domain controller', () => {
  it('has no line that puts another disk under it, and says why; what was changed in the guest is put back', async () => {
    expect(directory).toMatchObject({ ending: 'repaired' });
    const { osDiskId } = await scenario.azure.vm(cases.directory);
    const told = JSON.stringify(directory.wayBack);
    expect(told).not.toMatch(/--os-disk|az disk create|rollback"/);
    expect(told).toContain('USN rollback');
    for (const { undoes, commands } of directory.wayBack) await person.run(commands, undoes);
    expect(await scenario.azure.vm(cases.directory)).toMatchObject({ powerState: 'running', osDiskId });
    expect(dhcpOf(await scenario.azure.vm(cases.directory))).toEqual({ startType: 4, state: 'STOPPED' });
    expect(await resourcesOf(scenario.azure, directory.repairId)).toEqual([]);
  });
});

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
  const answer = JSON.parse(await person.run([`${invoke} "${line}"`])) as { value: { message: string }[] };
  return answer.value[0]?.message ?? '';
}
