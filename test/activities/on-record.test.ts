import { permittedPlan } from '../../src/activities/on-record';
import { permittedWorld, permitPlan, plan, repairId } from './support/repair';
import { makePlan } from '../../src/activities/plan';

describe('activities/on-record: the plan that policy has permitted', () => {
  it('is read from the record once, and is the same from then on', async () => {
    const world = await permittedWorld();
    expect(await permittedPlan(world.tools, repairId)).toEqual(plan);
    world.ledger.documents.clear();
    expect(await permittedPlan(world.tools, repairId)).toEqual(plan);
  });

  it('is another one as soon as the record names another one', async () => {
    const world = await permittedWorld();
    await permittedPlan(world.tools, repairId);
    const another = makePlan({ ...plan, title: 'Another plan' });
    await permitPlan(world, another);
    expect(await permittedPlan(world.tools, repairId)).toEqual(another);
  });

  it('is none as soon as the record names none, and none that was put in its place', async () => {
    const world = await permittedWorld();
    const repair = world.ledger.repairs.get(repairId)!;
    await world.tools.ledger.putDocument(repairId, 'plan', makePlan({ ...plan, title: 'Another plan' }));
    expect(await permittedPlan(world.tools, repairId)).toBeUndefined();
    await permittedPlan(world.tools, repairId);
    world.ledger.repairs.set(repairId, { ...repair, permittedPlan: undefined });
    expect(await permittedPlan(world.tools, repairId)).toBeUndefined();
  });

  it('is the one of the record with which the call began; the record of another repair tells nothing', async () => {
    const world = await permittedWorld();
    const repair = world.ledger.repairs.get(repairId)!;
    world.ledger.repairs.clear();
    expect(await permittedPlan({ ...world.tools, repair }, repairId)).toEqual(plan);
    const other = { ...repair, repairId: '20260102t030405z-ffffffffff' };
    expect(await permittedPlan({ ...world.tools, repair: other }, repairId)).toBeUndefined();
  });
});
