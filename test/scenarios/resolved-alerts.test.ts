import type { ArmCall } from '../../local/simulated-azure-client';
import { availabilityAlert } from '../../local/alert-payload';
import { callDoor, type DoorAnswer } from '../../local/app-client';
import { dhcpOf, resourcesOf, startScenario, type Scenario } from './support/scenario';

const vm = 'vm-dhcp-disabled';
const alertId = '/subscriptions/5f0c4d3a-6b1e-4a52-9c77-2d8e41f0b9a6/providers/Microsoft.AlertsManagement/alerts';

let scenario: Scenario;
let count = 0;

beforeAll(async () => {
  scenario = await startScenario();
});

afterAll(() => scenario.stop());

beforeEach(() => scenario.reset(vm));

describe('scenarios/resolved-alerts: an alert that is resolved while its repair waits for the snapshot', () => {
  it('cancels the repair, which finds that the VM recovered by itself', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await scenario.azure.post(`/vms/${vm}/guest-service`, { service: 'Dhcp', startType: 2, state: 'running' });
    const answer = await resolve();
    const report = await scenario.follow(repairId);

    expect(answer).toMatchObject({ status: 202, body: { repairId, joined: true } });
    expect(report).toMatchObject({ ending: 'recovered-by-itself', changes: [], temporary: [] });
    expect(report.witnesses).toEqual([{ title: 'vm-availability', at: expect.any(String) as unknown }]);
    expect(report.steps.at(-1)).toMatchObject({ step: 'look-again', outcome: 'done' });
    expect(await resourcesOf(scenario.azure, repairId)).toMatchObject([{ type: 'Microsoft.Compute/snapshots' }]);
  });

  it('changes nothing in a VM that is still broken, and is not believed', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await resolve();
    const report = await scenario.follow(repairId);

    expect(report).toMatchObject({ ending: 'cancelled', code: 'alert-resolved', changes: [], temporary: [] });
    expect(report.reason).toContain('The DHCP Client service is disabled');
    expect(dhcpOf(await scenario.azure.vm(vm))).toEqual({ startType: 4, state: 'STOPPED' });
  });

  it('leaves the VM free: when it fires again, the next repair mends it', async () => {
    const { repairId, resolve } = await repairHeldAtSnapshot();
    await resolve();
    await scenario.follow(repairId);

    expect(await scenario.repair(vm)).toMatchObject({ ending: 'repaired', witnesses: [] });
  });
});

/** A repair whose snapshot Azure has begun, and does not tell of until its alert is resolved. */
async function repairHeldAtSnapshot(): Promise<{ repairId: string; resolve: () => Promise<DoorAnswer> }> {
  const match = { method: 'GET', pathContains: '/snapshots/', nth: 2 };
  await scenario.azure.post('/faults', { match, times: 100_000, when: 'before', status: 503 });
  const vmId = await scenario.vmId(vm);
  count += 1;
  const alert = (condition: 'Fired' | 'Resolved') =>
    callDoor(
      scenario.cloud,
      'POST',
      '/api/alerts',
      availabilityAlert(vmId, { alertId: `${alertId}/${count}`, condition }),
    );
  const { body } = await alert('Fired');
  const repairId = String(body.repairId);
  const isHeld = ({ path, status }: ArmCall) => path.endsWith(repairId) && status === 503;
  await scenario.azure.untilCalls((calls) => calls.some(isHeld), repairId);
  async function resolve(): Promise<DoorAnswer> {
    const answer = await alert('Resolved');
    await scenario.azure.delete('/faults');
    return answer;
  }
  return { repairId, resolve };
}
