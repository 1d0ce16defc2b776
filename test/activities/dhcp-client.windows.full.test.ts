import { printedTable } from '../support/printed-table';
import { sampled } from '../support/sample';
import { dhcpClientFaults, expectDhcpClientEnding } from './support/dhcp-client';

const rows = dhcpClientFaults.flatMap((fault) =>
  (['en-US', 'fr-FR', 'de-DE', 'ru-RU', 'zh-CN'] as const).map((language, index) => ({
    fault,
    language,
    generation: index === 1 ? ('V1' as const) : ('V2' as const),
    sources: 'guest, snapshot' as const,
  })),
);
const tell = printedTable('DHCP Client, by Run Command');

describe('activities/dhcp-client.windows: a DHCP Client in a simulated Windows whose agent answers', () => {
  it.each(sampled(rows))('that is broken so: $fault ($language, $generation)', async (row) => {
    await expectDhcpClientEnding(row, tell);
  });

  it.each(sampled(dhcpClientFaults))('that is broken so, while the snapshot cannot be read: %s', async (fault) => {
    await expectDhcpClientEnding({ fault, language: 'en-US', generation: 'V2', sources: 'guest only' }, tell);
  });
});
