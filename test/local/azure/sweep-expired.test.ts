import { snapshotIdOf } from '../../../src/azure/resource-id';
import { sweepExpired } from '../../../src/triggers/sweep-expired';
import { fakeWorld } from '../../activities/support/fakes';
import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

const repairId = '20260102t030405z-0123abcd45';
const past = '2026-01-16T03:04:05.000Z';
const patient = 'vm-dhcp-rebooted';

/** A repair that has ended, with one expired snapshot of its own and one that expires later, in Azure and on record. */
async function afterRepair() {
  const { arm, recovery } = here;
  const { subscriptionId, workbenchResourceGroup } = here.azure;
  const world = fakeWorld({ allowedSubscriptions: [subscriptionId.toLowerCase()], workbenchResourceGroup });
  const tools = { ...world.tools, arm, recovery };
  const vmId = here.vmId(patient);
  await tools.ledger.createRepair({ repairId, vmId, acceptedAt: past, phase: 'Ended', ending: 'not-repaired' });
  const sourceDiskId = await here.osDiskOf(patient);
  const expired = snapshotIdOf(subscriptionId, workbenchResourceGroup, `rdp-lifeline-${repairId}`);
  const later = snapshotIdOf(subscriptionId, workbenchResourceGroup, `rdp-lifeline-${repairId}-stopped-1`);
  for (const [snapshotId, expires] of [
    [expired, past],
    [later, '2999-01-01T00:00:00.000Z'],
  ] as const) {
    const tags = { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-expires': expires };
    valueOf(await arm.beginSnapshot({ snapshotId, sourceDiskId, location, tags }));
    await tools.ledger.recordResource(repairId, {
      ...{ resourceId: snapshotId, kind: 'snapshot', details: { role: 'first' }, purpose: 'x', registeredAt: past },
      ...{ lifetime: 'kept', expiresAt: expires, createdAt: past },
    });
    await until(
      async () => valueOf(await arm.getSnapshot(snapshotId)),
      ({ state }) => state === 'ready',
    );
  }
  return { world, tools, expired, later };
}

describe('local/azure/sweep-expired: the sweeper against the simulated Azure, with the real calls', () => {
  it('deletes an expired snapshot and leaves the one that expires later', async () => {
    const { world, tools, expired, later } = await afterRepair();

    await sweepExpired(tools);
    expect(world.logged).toMatchObject([{ event: 'expiredDeleted', fields: { resourceId: expired } }]);
    await until(
      () => here.arm.getSnapshot(expired),
      (answer) => !answer.ok && answer.failure.kind === 'not-found',
    );
    expect(valueOf(await here.arm.getSnapshot(later))).toMatchObject({ state: 'ready' });
    await sweepExpired(tools);
    expect(world.logged).toHaveLength(1);
  });

  it.each(['Microsoft.Compute/snapshots/delete', 'Microsoft.Compute/snapshots/read'])(
    'deletes nothing without %s, and says so by name',
    async (action) => {
      const { world, tools, expired } = await afterRepair();
      await here.azure.control('POST', '/roles/remove-action', { action });

      await sweepExpired(tools);
      await here.azure.control('DELETE', '/roles');

      expect(JSON.stringify(world.logged)).toContain(action);
      expect(valueOf(await here.arm.getSnapshot(expired))).toMatchObject({ state: 'ready' });
    },
  );
});
