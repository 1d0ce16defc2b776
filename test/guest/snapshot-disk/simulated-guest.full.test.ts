import { machineKinds } from '../../local/windows/support/running-guest';
import { everyCombination } from '../../support/pairwise';
import { sampled } from '../../support/sample';
import { claims } from './support/guest-snapshot';

const rows = sampled(everyCombination({ ...machineKinds, claim: [...claims.keys()] }));

describe('guest/snapshot-disk/simulated-guest: a running guest', () => {
  it.each(rows)('($language, $generation) $claim', async ({ claim, ...machine }) => {
    expect.hasAssertions();
    await claims.get(claim)?.(machine);
  });
});
