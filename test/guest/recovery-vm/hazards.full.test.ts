import { sampled } from '../../support/sample';
import { countPauses, dieAt, pauses } from './support/dying-recovery-vm';

const points = Array.from({ length: pauses }, (_, index) => index + 1);

describe('guest/recovery-vm/hazards: a recovery VM that dies', () => {
  it('has no other points than these', async () => {
    expect(await countPauses()).toBe(pauses);
  });

  it.each(sampled(points))(
    'in the middle of a run too: begun again it comes to the same, with one backup, nothing loaded, offline (point %i)',
    dieAt,
  );
});
