import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Fault } from './fault';

const folder = join(__dirname, 'faults');
const load = createRequire(__filename);

/**
 * Every fault of `faults/`, in the order of the files' names: one that is added needs no line in a list. Throws for a file
 * that exports no fault of its own name.
 */
export function knownFaults(): Fault[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
  return names.sort().map((name) => {
    const { fault } = load(join(folder, name)) as { fault?: Fault };
    if (fault?.signature !== name) throw new Error(`faults/${name}.ts exports no \`fault\` of the signature ${name}.`);
    return fault;
  });
}
