import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'));

// Where a code is said: a conclusion, an ignored signal, a refusal of policy, an answer of a door.
const sayings = [
  /\bend\(\s*'[a-z-]+',\s*'([a-z-]+)'/g,
  /\bcode: '([a-z-]+)'/g,
  /\b(?:notRepaired|unproven|refuse)\(\s*'([a-z-]+)'/g,
  /export const \w+NotOnRecord = \[\s*'([a-z-]+)'/g,
  /\brolledBack\('([a-z-]+)'/g,
];
const codes = new Set(
  sources.flatMap((text) => sayings.flatMap((saying) => [...text.matchAll(saying)].map((match) => match[1] ?? ''))),
);
// These are no codes of repairs or signals: they name themselves, are zod's, or are the story's own word for a source
// that is late, which ends no repair.
const apart = new Set(['repaired', 'healthy', 'custom', 'source-late']);

describe('docs/operate', () => {
  const guide = readFileSync(join(root, 'docs/operate.md'), 'utf8');

  it('explains every code that a repair or a signal can end with', () => {
    expect(codes.size).toBeGreaterThan(40);
    expect([...codes].filter((code) => !apart.has(code) && !guide.includes(`\`${code}\``)).sort()).toEqual([]);
  });

  it('explains no code that nothing says', () => {
    const explained = [...guide.matchAll(/^\| `([a-z-]+)`/gm)].map((match) => match[1] ?? '');
    const isSaid = (code: string) => codes.has(code) || sources.some((text) => text.includes(`'${code}'`));
    expect(explained.filter((code) => !isSaid(code))).toEqual([]);
  });
});
