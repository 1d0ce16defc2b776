import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
}
const { packages } = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8')) as Lock;

describe('package-lock', () => {
  it('names every optional package of every platform: `npm ci` refuses a lock file without them', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );

    // `node tools/complete-lockfile.mjs` adds them.
    expect(missing).toEqual([]);
  });

  it('records no download address, so that every registry serves', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'))).toEqual([]);
  });
});
