import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../../src/guest/evidence';
import { changeName } from '../../src/guest/changes';
import { canReadLive } from '../../src/guest/live';
import { renderChange } from '../../src/guest/live-changes';
import { canReadFromDisk } from '../../src/guest/snapshot-disk';
import { signatureOf, signatures } from '../../src/signatures';
import { bootConfigurationOf, configurationOf, installationOf, statusOf } from './evidence';

/**
 * The parity test (`npm run check:parity`): the registry is written by hand, so that the bundle holds exactly what it
 * names; this keeps it, the folders and the list in docs/signatures.md the same.
 */

const root = join(__dirname, '../..');
const home = join(root, 'src/signatures');
const folders = readdirSync(home, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/**
 * Evidence in which each signature is present. A new signature gets a line here: without one the test cannot tell that
 * it has a cure.
 */
const present: Record<string, Evidence[]> = {
  'safe-mode': [bootConfigurationOf({ safeboot: 'Minimal' }), installationOf(false)],
  'dhcp-client-disabled': [configurationOf('Dhcp', 4), statusOf('Dhcp', 1)],
  'dhcp-client-not-running': [configurationOf('Dhcp', 2), statusOf('Dhcp', 1)],
};

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

  it('is what docs/signatures.md lists, with a link to each README', () => {
    const rows = [...read('docs/signatures.md').matchAll(/^\| \[`([^`]+)`\]\(([^)]+)\) *\| (.+?) *\|/gm)];
    const listed = rows.map(([, id, link, failure]) => ({ id, link, failure }));
    const expected = signatures.map(({ id, title }) => ({
      id,
      link: `../src/signatures/${id}/README.md`,
      failure: title,
    }));
    expect(listed).toEqual(expected);
  });
});

describe.each(folders)('signatures/%s', (folder) => {
  const evidence = present[folder] ?? [];

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

  it('is recognised in evidence that shows it, and tells what a person can do by hand', () => {
    const signature = signatureOf(folder);
    expect(signature.recognise(evidence)).toMatchObject({ kind: 'present' });
    expect(signature.byHand(evidence).length).toBeGreaterThan(0);
  });

  it('has a cure of changes that can be made, or says why it has none', () => {
    const cure = signatureOf(folder).cure(evidence);
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
