import { sampled, sampledRuns, seed } from '../../../support/sample';
import { expectLikeAMap, expectNoLeak, expectThousands, orders } from './support/hive-properties';

const search = { numRuns: Number(process.env.FUZZ_RUNS ?? sampledRuns(40)), seed };

describe('local/disk/registry/hive: a hive that is edited at random', () => {
  it('holds what a plain map would hold, in memory, after reopening, and for the product’s reader', async () => {
    await expectLikeAMap(search);
  });

  it('leaves nothing in use when everything is deleted: no cell leaks', () => {
    expectNoLeak(search);
  });
});

describe('local/disk/registry/hive: keys', () => {
  it.each(sampled(orders))(
    'are found among thousands, whose list is a list of lists, when they were made %s',
    (_title, order) => expectThousands(order),
  );
});
