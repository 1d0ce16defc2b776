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
  // Packages in ESM form ask for the URL of their own file, which a CommonJS bundle does not have by itself.
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  // Less text to read at a cold start; names stay, so that stack traces do.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});

// The embedded host in one file beside it: local runs start it in half the time that its TypeScript takes. Never deployed (.funcignore).
await build({
  entryPoints: ['local/host/main.ts'],
  outfile: 'dist/host.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  logLevel: 'warning',
});
