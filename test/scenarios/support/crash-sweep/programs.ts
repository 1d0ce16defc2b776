/** Our TypeScript programs as one JavaScript file each: they start in a third of the time. */
import { build } from 'esbuild';
import { rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(__dirname, '../../../..');

const built = new Map<string, Promise<string>>();

/** Builds a program, once; gives the file. It stands below node_modules, where packages with binaries are found. */
export function buildProgram(file: string): Promise<string> {
  const known = built.get(file) ?? bundle(file);
  built.set(file, known);
  return known;
}

async function bundle(file: string): Promise<string> {
  const outfile = join(root, 'node_modules/.cache/rdp-lifeline', `${basename(file, '.ts')}-${process.pid}.cjs`);
  await build({
    ...{ entryPoints: [join(root, file)], outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs' },
    external: ['libsql'],
    logLevel: 'warning',
  });
  process.on('exit', () => rmSync(outfile, { force: true }));
  return outfile;
}
