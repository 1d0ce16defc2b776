import { expectBroughtUpToDate } from './support/large-disk';

const MiB = 1024 * 1024;

describe('disk/large-images: a hive of 18 MiB in more than a hundred pieces of an NTFS volume', () => {
  it('is brought up to date from its log, as hivex reads the state after it: SYSTEM', async () => {
    await expectBroughtUpToDate('SYSTEM', MiB);
  });
});
