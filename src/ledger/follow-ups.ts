/** Signals that wait until their VM's repair has ended: a row for each VM. */
import { encodeKey } from './keys';
import type { FollowUp, Ledger, Mode } from './ports';
import { readRows } from './readable-rows';
import { followUpRow } from './rows';
import type { RowAddress, Table } from './table';

const partitionKey = 'follow-up';

/** More than this are not looked at in one call; what is done is dropped, so the rest has its turn. */
const maxFollowUps = 1_000;

type FollowUps = Pick<Ledger, 'keepFollowUp' | 'listFollowUps' | 'dropFollowUp'>;

/** Follow-ups in `table`. */
export function createFollowUps(table: Table): FollowUps {
  async function keepFollowUp(followUp: FollowUp): Promise<void> {
    const address = addressOf(followUp.vmKey);
    const columns = followUpRow.write(followUp);
    // Dropped between the two: then this one is the first again.
    while (!(await table.insert(address, columns))) {
      const isThere = await table.change(address, (row) =>
        followUpRow.write(together(followUpRow.read(row), followUp)),
      );
      if (isThere) return;
    }
  }

  return {
    keepFollowUp,
    listFollowUps: async () =>
      readRows<FollowUp>(await table.query({ partitionKey, limit: maxFollowUps }), followUpRow),
    dropFollowUp: ({ vmKey, key }) => table.removeIf(addressOf(vmKey), (row) => followUpRow.read(row).key === key),
  };
}

/** The newer signal, for the repair that holds the VM now, with the wider mode of the two. */
function together(kept: FollowUp, added: FollowUp): FollowUp {
  const newer = Date.parse(added.occurredAt) >= Date.parse(kept.occurredAt) ? added : kept;
  const requestedMode = widerMode(kept.requestedMode, added.requestedMode);
  return { ...newer, requestedMode, joined: added.joined };
}

const modes: readonly Mode[] = ['off', 'observe', 'diagnose', 'approve', 'repair'];

/** The mode that allows more; none leaves it to the VM's tag, which may allow everything. */
export function widerMode(one: Mode | undefined, other: Mode | undefined): Mode | undefined {
  if (one === undefined || other === undefined) return undefined;
  return modes.indexOf(one) >= modes.indexOf(other) ? one : other;
}

function addressOf(vmKey: string): RowAddress {
  return { partitionKey, rowKey: encodeKey(vmKey) };
}
