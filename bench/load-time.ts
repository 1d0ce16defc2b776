/** Measures how long Node needs to load the app: the deployed bundle, and the same code with its packages unbundled. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { median } from './figures';

const root = resolve(__dirname, '..');
const runs = 9;

/** Medians in ms. */
export interface LoadFigures {
  bundle: number;
  unbundled: number;
}

/** Loads both in new processes under the worker contract, in turns, so that both meet the same machine. */
export async function benchLoadTime(): Promise<LoadFigures> {
  const unbundledFile = join(root, 'dist/unbundled.js');
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outfile: unbundledFile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    loader: { '.ps1': 'text' },
    logLevel: 'warning',
  });
  const bundle: number[] = [];
  const unbundled: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    bundle.push(loadMs(join(root, 'dist/main.js')));
    unbundled.push(loadMs(unbundledFile));
  }
  return { bundle: median(bundle), unbundled: median(unbundled) };
}

function loadMs(entry: string): number {
  const script = join(root, 'test/worker-contract/support/load-app.cjs');
  const output = execFileSync(process.execPath, [script, entry], { env: {}, encoding: 'utf8' });
  return (JSON.parse(output) as { loadMs: number }).loadMs;
}
