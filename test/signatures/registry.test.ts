import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../../src/guest/evidence';
import { changeName } from '../../src/guest/changes';
import { canReadLive, readNeeds, renderNeeds } from '../../src/guest/live';
import { renderChange } from '../../src/guest/live-changes';
import { canReadFromDisk } from '../../src/guest/snapshot-disk';
import { signatureOf, signatures } from '../../src/signatures';
import { knownFaults } from '../../local/windows/known-faults';
import { signatureList } from '../../tools/signature-list';
import { answerFromSession } from '../support/session';

/**
 * The parity test (`npm run check:parity`): the registry is written by hand, so that the bundle holds exactly what it
 * names; this keeps it, the folders and the list in docs/signatures.md the same.
 */

const root = join(__dirname, '../..');
const home = join(root, 'src/signatures');
const folders = readdirSync(home, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What a guest shows that has the failure, by the transcript of its session. */
function evidenceOf(folder: string): Evidence[] {
  const needs = signatureOf(folder).needs.filter(canReadLive);
  return readNeeds(needs, answerFromSession(folder, renderNeeds(needs)), 'run-command');
}

describe('signatures/registry', () => {
  it('lists every folder exactly once and nothing else', () => {
    expect(signatures.map(({ id }) => id).sort()).toEqual([...folders].sort());
  });

  it('gives a signature by its id, and says so when a release does not have it', () => {
    expect(folders.map((folder) => signatureOf(folder).id)).toEqual(folders);
    expect(() => signatureOf('of-another-release')).toThrow(
      'There is no signature of-another-release in this release.',
    );
  });

  it('is what docs/signatures.md lists (`npm run docs` writes it)', () => {
    expect(read('docs/signatures.md')).toBe(signatureList());
  });

  it('has a simulated fault for each signature, and for nothing else', () => {
    expect(knownFaults().map(({ signature }) => signature)).toEqual([...folders].sort());
  });
});

describe.each(folders)('signatures/registry: %s', (folder) => {
  it('has an index and a README', () => {
    expect(existsSync(join(home, folder, 'index.ts'))).toBe(true);
    expect(existsSync(join(home, folder, 'README.md'))).toBe(true);
  });

  it('has a README that names the failure first, what it is recognised by, the cure, the undo and a source', () => {
    const readme = read(`src/signatures/${folder}/README.md`);
    const title = /^# (.+)$/m.exec(readme)?.[1] ?? '';
    expect(title.toLowerCase().replaceAll(/\W+/g, '-')).toBe(folder);
    for (const row of ['recognised by', 'cure', 'checked by', 'undo']) expect(readme).toContain(`| ${row} `);
    expect(signatureOf(folder).documents.some((document) => readme.includes(document))).toBe(true);
  });

  it('has an id that can be part of names and metrics, a title and public documents', () => {
    const { id, title, documents } = signatureOf(folder);
    expect(id).toMatch(/^[a-z][a-z0-9-]{2,49}$/);
    expect(title).toMatch(/^[A-Z][^.]{5,99}$/);
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) expect(new URL(document).protocol).toBe('https:');
  });

  it('needs something, and every need can be read by some source', () => {
    const { needs } = signatureOf(folder);
    expect(needs.length).toBeGreaterThan(0);
    for (const need of needs) expect(canReadLive(need) || canReadFromDisk(need)).toBe(true);
  });

  it('is recognised in the transcript of a guest that has it, and tells what a person can do by hand', () => {
    const evidence = evidenceOf(folder);
    const signature = signatureOf(folder);
    expect(signature.recognise(evidence)).toMatchObject({ kind: 'present' });
    expect(signature.byHand(evidence).length).toBeGreaterThan(0);
  });

  it('is unknown, never absent, when nothing was read', () => {
    expect(signatureOf(folder).recognise([]).kind).toBe('unknown');
  });

  it('has a cure of changes that can be made, or says why it has none', () => {
    const cure = signatureOf(folder).cure(evidenceOf(folder));
    if (cure.kind === 'none') {
      expect(cure.why).toMatch(/^[A-Z].{20,}\.$/);
      return;
    }
    const { changes } = cure;
    expect(changes.length).toBeGreaterThan(0);
    expect(new Set(changes.map(changeName)).size).toBe(changes.length);
    for (const change of changes) expect(renderChange(change).length).toBeGreaterThan(0);
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
