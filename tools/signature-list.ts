import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatures } from '../src/signatures';
import { tableOf } from './markdown-table';

/** The text of docs/signatures.md, made of the registry and of each signature's own page. Throws if a page lacks a row. */
export function signatureList(): string {
  const rows = signatures.map(({ id, title }) => {
    const page = readFileSync(join(__dirname, '../src/signatures', id, 'README.md'), 'utf8');
    return [`[\`${id}\`](../src/signatures/${id}/README.md)`, title, rowOf(page, 'recognised by'), rowOf(page, 'cure')];
  });
  return [
    '# Signatures',
    '',
    'Every failure that is known today, in the order in which they are looked for. A signature is one folder of',
    '`src/signatures/`; its page says how it is told apart from others and how its cure is undone.',
    'Written by `npm run docs`; `npm run check:parity` fails when it is out of date.',
    '',
    ...tableOf([['id', 'failure', 'recognised by', 'cure'], ...rows]),
    '',
  ].join('\n');
}

function rowOf(page: string, name: string): string {
  const row = new RegExp(`^\\| ${name} *\\| (.+?) *\\|$`, 'm').exec(page)?.[1];
  if (row === undefined) throw new Error(`A signature's page has no row "${name}".`);
  // A page's links are relative to its folder; the list links to the page.
  return row.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}
