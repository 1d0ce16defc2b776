import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noAnswers } from '../src/activities/no-answer';
import { snapshotProblems } from '../src/activities/snapshot-problem';
import { outcomePhases, outcomes, type OutcomePhase } from '../src/outcome-codes';
import { routeCodes } from '../src/policy/route-codes';
import { ignoredSignals } from '../src/signal-codes';
import { tableOf } from './markdown-table';

const page = join(__dirname, '../docs/operate.md');

interface Entry {
  meaning: string;
  advice: string;
}

/** Each table of codes by the name that its place in the page has: `<!-- codes: permit -->` … `<!-- end of codes -->`. */
export const codeTables: Readonly<Record<string, string[]>> = {
  ...Object.fromEntries(outcomePhases.map((phase) => [phase, codesTable(outcomesOf(phase))])),
  routes: routesTable(),
  'snapshot problems': codesTable(Object.entries(snapshotProblems)),
  'no answers': codesTable(Object.entries(noAnswers)),
  signals: codesTable(Object.entries(ignoredSignals)),
};

/** docs/operate.md as it is. */
export function operatingGuide(): string {
  return readFileSync(page, 'utf8');
}

/**
 * The page with the tables of codes as the code has them now; the rest is as it was. Throws if a place names no table, or if a table
 * has not exactly one place.
 */
export function withCodeTables(text: string): string {
  const places: string[] = [];
  const written = text.replaceAll(
    /(<!-- codes: ([a-z -]+) -->\n)[^]*?(\n<!-- end of codes -->)/g,
    (_whole, begin: string, name: string, end: string) => {
      places.push(name);
      const table = codeTables[name];
      if (!table) throw new Error(`docs/operate.md has a place for the codes "${name}", and there is no such table.`);
      return [begin, ...table, end].join('\n');
    },
  );
  for (const name of Object.keys(codeTables)) {
    const count = places.filter((place) => place === name).length;
    if (count !== 1) throw new Error(`docs/operate.md has ${count} places for the codes "${name}" instead of one.`);
  }
  return written;
}

function outcomesOf(phase: OutcomePhase): [string, Entry][] {
  return Object.entries(outcomes).filter(([, entry]) => entry.phase === phase);
}

function codesTable(entries: [string, Entry][]): string[] {
  const rows = entries.map(([code, { meaning, advice }]) => [`\`${code}\``, meaning, advice]);
  return tableOf([['code', 'what happened', 'what to do next'], ...rows]);
}

function routesTable(): string[] {
  const rows = Object.entries(routeCodes).map(([code, { route, meaning, advice }]) => [
    `\`${code}\``,
    route === 'every route' ? route : `\`${route}\``,
    meaning,
    advice,
  ]);
  return tableOf([['code', 'route', 'meaning', 'what to do next'], ...rows]);
}
