/**
 * Continuation tokens of the lists of repairs and of signals. A token is ours, not the store's: the row key of the last row shown, so it
 * stays valid while rows are added, and can be checked completely before the store sees it. It also carries a hash
 * of the filters, since a token used with other filters would silently skip rows.
 */
import { LedgerInputError } from './errors';
import { hashOf } from './keys';

const tokenPattern = /^1\.(\d{14,17}-[0-9a-f]{8,64})\.([0-9a-f]{16})$/;
/** Behind a row that is none of ours: its key may be anything of at most 1 KiB, i.e. 512 code units. */
const foreignPattern = /^2\.([A-Za-z0-9_-]{1,2100})\.([0-9a-f]{16})$/;
const ownKey = /^\d{14,17}-[0-9a-f]{8,64}$/;

/** The token that continues behind `rowKey` under the same filters. */
export function writePageToken(rowKey: string, filters: Record<string, string>): string {
  const key = ownKey.test(rowKey) ? `1.${rowKey}` : `2.${Buffer.from(rowKey).toString('base64url')}`;
  return `${key}.${filterHash(filters)}`;
}

/** The row key to continue behind. Throws a LedgerInputError on a token that is not ours or of other filters. */
export function readPageToken(token: string, filters: Record<string, string>): string {
  const [, foreignKey, foreignHash] = foreignPattern.exec(token) ?? [];
  const foreign = foreignKey === undefined ? undefined : Buffer.from(foreignKey, 'base64url').toString('utf8');
  const [, rowKey = foreign, hash = foreignHash] = tokenPattern.exec(token) ?? [];
  if (rowKey === undefined) {
    throw new LedgerInputError('This continuation token is not one of the ledger. Begin again without a token.');
  }
  if (hash !== filterHash(filters)) {
    throw new LedgerInputError('This continuation token is of another filter. Begin again without a token.');
  }
  return rowKey;
}

function filterHash(filters: Record<string, string>): string {
  return hashOf(JSON.stringify(Object.entries(filters).sort())).slice(0, 16);
}
