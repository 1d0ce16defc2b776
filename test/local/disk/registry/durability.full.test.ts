import { sampledRuns, seed } from '../../../support/sample';
import { expectEitherState, expectToGoOn } from './support/cut-off-writes';

const search = { numRuns: Number(process.env.FUZZ_RUNS ?? sampledRuns(30)), seed };

describe('local/disk/registry/durability: a hive whose writing is cut off', () => {
  it('opens with the state before or after, at every cut between patches', () => {
    expectEitherState(search);
  });

  it('goes on from there, cut after cut, even within a patch, and the product’s reader sees the same', async () => {
    await expectToGoOn(search);
  });
});
