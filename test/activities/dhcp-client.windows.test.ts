import { machineKinds } from '../local/windows/support/running-guest';
import { eachOnce } from '../support/pairwise';
import { printedTable } from '../support/printed-table';
import { dhcpClientFaults, expectDhcpClientEnding, sourcesOfEvidence } from './support/dhcp-client';

/** Each fault once. All languages, and each without the disk: dhcp-client.windows.full.test.ts. */
const faults = dhcpClientFaults.map((fault) => ({ fault }));
const rows = eachOnce(faults, { ...machineKinds, sources: sourcesOfEvidence });
const tell = printedTable('DHCP Client, by Run Command');

describe('activities/dhcp-client.windows: a DHCP Client in a simulated Windows whose agent answers', () => {
  it.each(rows)('that is broken so: $fault ($language, $generation, $sources)', async (row) => {
    await expectDhcpClientEnding(row, tell);
  });
});
