import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noAnswers } from '../../src/activities/no-answer';
import { snapshotProblems } from '../../src/activities/snapshot-problem';
import { outcomePhases, outcomes } from '../../src/outcome-codes';
import { routeCodes } from '../../src/policy/route-codes';
import { ignoredSignals } from '../../src/signal-codes';
import { codeTables, operatingGuide, withCodeTables } from '../../tools/code-tables';

const src = join(__dirname, '../../src');
// Each code stands in its table; what is asked is whether anything else says it.
const tables = [
  'outcome-codes.ts',
  'signal-codes.ts',
  'policy/route-codes.ts',
  'activities/no-answer.ts',
  'activities/snapshot-problem.ts',
];
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !tables.includes(file.replaceAll('\\', '/')))
  .map((file) => readFileSync(join(src, file), 'utf8'));
const entries = Object.entries({ outcomes, ignoredSignals, routeCodes, noAnswers, snapshotProblems }).flatMap(
  ([table, codes]) =>
    Object.entries(codes).map(([code, { meaning, advice }]): [string, string, { meaning: string; advice: string }] => [
      code,
      table,
      { meaning, advice },
    ]),
);

describe('docs/operate', () => {
  const guide = operatingGuide();

  it('has the tables of codes as the code has them (`npm run docs` writes them)', () => {
    expect(guide).toBe(withCodeTables(guide));
  });

  it('has one place for each table, and none for a table that there is not', () => {
    expect(Object.keys(codeTables)).toEqual(expect.arrayContaining([...outcomePhases]));
    expect(() => withCodeTables(guide.replace('<!-- codes: permit -->', '<!-- codes: permits -->'))).toThrow('permits');
    expect(() => withCodeTables(guide.replace('<!-- codes: permit -->', ''))).toThrow('"permit"');
    expect(() => withCodeTables(`${guide}\n<!-- codes: plan -->\n\n<!-- end of codes -->\n`)).toThrow('2 places');
  });

  it('shows a code that is changed in the code', () => {
    expect(guide).toContain('| `swap-back-failed` ');
    const stale = guide.replace('| `swap-back-failed` ', '| `swap-back-fails` ');
    expect(withCodeTables(stale)).toBe(guide);
  });

  it('leads to places that are there', () => {
    const headings = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const anchors = [...guide.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(anchors.length).toBeGreaterThan(10);
    expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });

  it.each(entries)('explains %s (%s) in sentences: what happened, and what to do next', (_code, _table, entry) => {
    for (const text of [entry.meaning, entry.advice]) {
      expect(text).toMatch(/^(?:[A-Z`[])[^|\n]{4,}\.$/);
    }
  });

  it.each(entries)('explains no code that nothing says: %s (%s)', (code) => {
    expect(sources.some((text) => text.includes(`'${code}'`))).toBe(true);
  });

  it('has a code for each part of a repair', () => {
    const said = new Set(Object.values(outcomes).map(({ phase }) => phase));
    expect(outcomePhases.filter((phase) => !said.has(phase))).toEqual([]);
  });
});
