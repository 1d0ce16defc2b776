import { everyCombination } from '../support/pairwise';
import { printedTable } from '../support/printed-table';
import { sampled } from '../support/sample';
import { expectSafeModeEnding, safeModeKinds } from './support/safe-mode';

const rows = sampled(everyCombination(safeModeKinds));
const tell = printedTable('safe mode, by Run Command (an agent that answers in safe mode is hypothetical)');

describe('activities/safe-mode.windows: safe mode in a simulated Windows whose agent answers', () => {
  it.each(rows)('$mode, $language, $generation, runs $runs', async (row) => {
    await expectSafeModeEnding(row, tell);
  });
});
