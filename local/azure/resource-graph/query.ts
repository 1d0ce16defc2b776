/**
 * The piece of the Kusto language that is understood here: `Resources`, `where` with `=~` and `or`, `project` and `limit`.
 * Everything else is no query, so that one that Azure would read otherwise is never answered by guesswork.
 */

/** A resource by the paths of its columns. */
export type Row = Record<string, string>;

type Step = (rows: Row[]) => Row[];

/** What the query does to rows, or undefined if it is not understood. */
export function parseQuery(query: string): Step | undefined {
  const [table, ...texts] = query.split('|').map((text) => text.trim());
  if (table?.toLowerCase() !== 'resources') return undefined;
  const steps = texts.flatMap((text) => parseStep(text) ?? []);
  return steps.length === texts.length ? (rows) => steps.reduce((left, step) => step(left), rows) : undefined;
}

function parseStep(text: string): Step | undefined {
  const [, operator = '', rest = ''] = /^(where|project|limit) (.+)$/.exec(text) ?? [];
  if (operator === 'limit' && /^\d+$/.test(rest)) return (rows) => rows.slice(0, Number(rest));
  if (operator === 'where') return parseWhere(rest);
  if (operator !== 'project') return undefined;
  const columns = rest.split(',').map((column) => projection.exec(column.trim()));
  const read = columns.flatMap((match) => (match ? [{ as: match[1] ?? '', column: match[2] ?? match[1] ?? '' }] : []));
  if (read.length !== columns.length) return undefined;
  return (rows) => rows.map((row) => Object.fromEntries(read.map(({ as, column }) => [as, row[column] ?? ''])));
}

/** A column, or a path under a name of its own. */
const projection = /^(\w+)(?: = tostring\(([\w.]+)\))?$/;

const comparison = /^(?:tostring\(([\w.]+)\)|(\w+)) =~ '([^'\\]*)'$/;

function parseWhere(text: string): Step | undefined {
  const matches = text.split(' or ').map((part) => comparison.exec(part));
  const read = matches.flatMap((match) =>
    match ? [{ column: match[1] ?? match[2] ?? '', value: (match[3] ?? '').toLowerCase() }] : [],
  );
  if (read.length !== matches.length) return undefined;
  return (rows) => rows.filter((row) => read.some(({ column, value }) => row[column]?.toLowerCase() === value));
}
