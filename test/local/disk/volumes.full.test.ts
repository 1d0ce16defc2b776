import { sampledRuns, seed } from '../../support/sample';
import { areInstalled } from './support/readers-of-others';
import { expectToBeSound, expectToHold, toolsFor, volumes } from './support/volume-properties';

describe.each(volumes)('local/disk/volumes: $title', (volume) => {
  it('holds what was written, for us and for the product’s reader, whatever was done before', async () => {
    await expectToHold(volume, { numRuns: Number(process.env.FUZZ_RUNS ?? sampledRuns(12)), seed });
  });

  const tools = toolsFor(volume);
  const itWithTools = areInstalled(...tools) ? it : it.skip;

  itWithTools(`is sound for ${tools.join(', ')} (skipped where they are not installed)`, async () => {
    await expectToBeSound(volume, { numRuns: sampledRuns(4), seed });
  });
});
