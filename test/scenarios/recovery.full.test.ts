import { sampled } from '../support/sample';
import {
  begin,
  cancel,
  finish,
  manyPlaces,
  repairCutOff,
  startedByAPerson,
  stoppedHalfWay,
} from './support/recovery-cases';
import { startScenario, type Scenario } from './support/scenario';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({ settings: manyPlaces });
});

afterAll(() => scenario.stop());

const cases: [behaviour: string, play: () => Promise<void>][] = [
  [
    'stays when it is well and only the network keeps people out',
    async () => {
      const { report, vm, broken } = await repairCutOff(scenario, 'vm-nsg-blocked');

      expect(broken).toEqual([]);
      expect(report).toMatchObject({ ending: 'fixed-rdp-unproven', code: 'blocked-by-nsg', temporary: [] });
      expect(report.reason).toContain('DenyRdp');
      expect(vm).toMatchObject({ rdpListening: true, osDiskId: expect.stringMatching(/-copy-1$/) as string });
    },
  ],
  [
    'goes in nowhere when somebody starts the VM every time: it is left to them',
    async () => {
      const { report, vm, before, broken } = await startedByAPerson(scenario, 'vm-dhcp-disabled', 2);

      expect(broken).toEqual([]);
      expect(report).toMatchObject({ ending: 'not-repaired', code: 'started-meanwhile', temporary: [] });
      expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
    },
  ],
  [
    // One that never ends is among the faults of `npm run test:faults`.
    'is proven by the disk that the VM has, where Azure calls the exchange failed',
    async () => {
      const held = await begin(scenario, 'vm-dhcp-untagged');
      const { id } = await scenario.azure.vm(held.before.name);
      await scenario.azure.post('/faults', {
        match: { method: 'PATCH', pathContains: `${id}?` },
        times: 1,
        when: 'before',
        operation: 'fails',
      });
      const { report, broken } = await finish(scenario, held);

      expect(broken).toEqual([]);
      expect(report.ending).toBe('repaired');
      expect(JSON.stringify(report.steps)).toContain('Azure calls the exchange failed all the same');
    },
  ],
  [
    'goes in nowhere when a person cancels the repair half-way, which starts the VM again',
    async () => {
      const { report, vm, before, broken } = await stoppedHalfWay(scenario, 'vm-dhcp-rebooted', (held) =>
        cancel(scenario, held),
      );

      expect(broken).toEqual([]);
      expect(vm).toMatchObject({ powerState: 'running', osDiskId: before.osDiskId });
      expect(report).toMatchObject({ ending: 'cancelled', code: 'cancelled', temporary: [] });
    },
  ],
];

describe('scenarios/recovery: a mended copy that takes the place of the OS disk', () => {
  it.each(sampled(cases))('%s', async (_behaviour, play) => {
    await play();
  });
});
