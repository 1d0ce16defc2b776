import fc from 'fast-check';
import type { ProgramCall } from '../../src/guest/command';
import { undoBy } from '../../src/guest/undo';

/** Program calls whose arguments mean something to a shell, as a hostile guest could put them into a value. */

/** What they start. */
export const programs = ['reg.exe', 'sc.exe', 'bcdedit.exe', 'netsh.exe'];
const nasty = Array.from(`"'’‘‚‛“”\`$%!&|<>^()[]{}\\ ;,*?~#@-=:/+.°ß起🔥\u00a0`);
const hostile = [
  ...[
    "'; calc.exe; '",
    '’; calc.exe; ’',
    '$(calc.exe)',
    '`calc.exe`',
    '%PATH%',
    '!!',
    '"; calc.exe; "',
    "';calc.exe;#",
  ],
  ...['\\', '\\\\', 'a b\\', 'a"b', '\\"', '', ' ', '-x', '--%', '--', '@file', '~', '*', '/?', '0x2', '1kb', '1..3'],
  ...[
    'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server',
    'group=remote desktop',
    'NT AUTHORITY\\NetworkService',
  ],
  ...['%SystemRoot%\\MEMORY.DMP', '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}', 'x'.repeat(1_000)],
];
const argument = fc.oneof(
  fc.constantFrom(...hostile),
  fc
    .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 3 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
);
/** Any program call. */
export const anyCall = fc.record({
  file: fc.constantFrom(...programs),
  arguments: fc.array(argument, { maxLength: 6 }),
});

/** Fixed ones that break careless quoting, and so many others; each is one that an undo can hold. */
export function hostileCalls(count: number): ProgramCall[] {
  const fixed = hostile.map((one) => ({ file: 'reg.exe', arguments: ['add', one, '/f'] }));
  const random = fc.sample(anyCall, { numRuns: count, seed: 7 });
  return [...fixed, ...random].filter((one) => undoBy(one.file, ...one.arguments).kind === 'commands');
}
