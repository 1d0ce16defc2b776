// Builds the one file that is deployed: dist/main.js. The worker provides @azure/functions-core.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['@azure/functions-core'],
  loader: { '.ps1': 'text' },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
