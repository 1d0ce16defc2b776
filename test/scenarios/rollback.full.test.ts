import { callDoor } from '../../local/app-client';
import { holdRun, letGo, until } from '../../local/hold-run';
import { sampled } from '../support/sample';
import { manyPlaces } from './support/recovery-cases';
import {
  ask,
  beginRollBack,
  brakes,
  commandsOf,
  expectRefused,
  expectSameRollback,
  repairAll,
  reportOf,
  type Repaired,
} from './support/rollback-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;
let repaired: (name: string) => Repaired;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
  repaired = await repairAll(scenario, ['vm-dhcp-untagged', 'vm-dhcp-diagnose', 'vm-nsg-blocked', 'vm-healthy']);
});

afterAll(() => scenario.stop());

describe('scenarios/rollback: a rollback of a repair that left the VM with a mended copy of its disk', () => {
  it('is shown by the repair with the exact call, which works as it stands there', async () => {
    const { name, repair } = repaired('vm-dhcp-untagged');
    const call = commandsOf(repair.report).find((command) => command.startsWith('curl'));
    const [, body = '', path = ''] = /-d '(.+)' "\$APP(\S+)"$/.exec(call ?? '') ?? [];

    const answer = await callDoor(scenario.cloud, 'POST', path, body);
    const repairId = String(answer.body.repairId);
    await untilStarted(repairId);
    // Somebody mends the original by the serial console, so that its agent comes up.
    await scenario.azure.post(`/vms/${name}/guest-service`, { service: 'Dhcp', startType: 2 });
    await scenario.azure.post(`/vms/${name}/restart`, {});
    const report = await scenario.follow(repairId);

    expect(answer).toMatchObject({ status: 202, body: { joined: false } });
    expect(report).toMatchObject({ ending: 'rolled-back', code: 'rolled-back', temporary: [] });
  });
});

describe('scenarios/rollback: a rollback that is refused at the door', () => {
  it.each(sampled(brakes))(
    'or ends as refused when a brake, a lock or a missing role is found, and the VM is not stopped: %s',
    async (...brake) => {
      await expectRefused(scenario, repaired('vm-nsg-blocked'), brake);
    },
  );
});

describe('scenarios/rollback: a rollback in whose middle something happens', () => {
  it('ends when a person cancels it, and starts the VM again', async () => {
    const { name, repair, lossSince } = repaired('vm-dhcp-diagnose');
    const { osDiskId: copy } = await scenario.azure.vm(name);
    const held = await beginRollBack(scenario, repaired(name));
    await holdRun(scenario.azure, { ...held, run: 'stopped-1' }, 'PUT');
    const joined = await ask(scenario, repair.report.repairId, lossSince);
    await callDoor(scenario.cloud, 'POST', `/api/repairs/${held.repairId}/cancel`);
    await letGo(scenario.azure, { ...held, run: 'stopped-1' });
    const report = await scenario.follow(held.repairId);

    expect(joined).toMatchObject({ status: 202, body: { repairId: held.repairId, joined: true } });
    expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', temporary: [] });
    expect(await scenario.azure.vm(name)).toMatchObject({ powerState: 'running', osDiskId: copy });
  });
});

describe('scenarios/rollback: a host that is killed with SIGKILL in the middle of a rollback and started again', () => {
  it('ends it the same way, with one exchange of the disks, although the host dies after each thing that was asked of Azure', async () => {
    await expectSameRollback(scenario, repaired('vm-healthy'));
  });
});

async function untilStarted(repairId: string): Promise<void> {
  await until(async () => {
    const { steps } = await reportOf(scenario, repairId);
    return steps.some(({ step, outcome }) => step === 'start' && outcome === 'done');
  });
}
