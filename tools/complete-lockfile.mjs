/**
 * Adds to package-lock.json the optional packages of other platforms that `npm install` left out because the registry
 * did not have them; `npm ci` refuses a lock file without them. Run it after `npm install` if `npm ci` complains.
 *
 * node tools/complete-lockfile.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'x64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32'];

/** The system and processor that a package is for, by the words of its name. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const system = systems.find((known) => words.includes(known));
  const processor = processors.find((known) => words.includes(known));
  return { ...(processor && { cpu: [processor] }), ...(system && { os: [system] }) };
}

let added = 0;
for (const [path, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const isThere = `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages;
    if (isThere || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(owner.dev && { dev: true }),
      optional: true,
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages were added.`);
