import fc from 'fast-check';
import type { Volume } from '../../../../local/disk/volume';
import type { FileVolume } from '../../../../src/disk/volumes/file-volume';

/** What can be done to a volume, below one directory of it. */
export type Step =
  | { readonly kind: 'write'; readonly directory: string; readonly name: string; readonly bytes: Buffer }
  | {
      readonly kind: 'write-at';
      readonly directory: string;
      readonly name: string;
      readonly offset: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'delete'; readonly directory: string; readonly name: string }
  | { readonly kind: 'make'; readonly directory: string }
  /** Many small files at once, and every n-th of them away again: what makes directories split and shrink. */
  | { readonly kind: 'fill'; readonly directory: string; readonly prefix: string; readonly count: number }
  | { readonly kind: 'thin'; readonly directory: string; readonly keepEvery: number };

/** The same in a Map: names by their path in upper case. */
export interface Model {
  readonly directories: Map<string, string>;
  readonly files: Map<string, { readonly path: string; readonly bytes: Buffer }>;
}

const DIRECTORIES = ['', 'a', 'a\\Deeper Down', 'Größe'];
const NAMES = [
  'a.txt',
  'A.TXT',
  'LONG.BIN',
  'with spaces and Ümläute.text',
  'x'.repeat(180),
  '日本語.txt',
  'B~1.TXT',
  '😀',
];

const directory = fc.constantFrom(...DIRECTORIES);
const name = fc.constantFrom(...NAMES);
/** Around what fits into a record, around a cluster, and in several pieces. */
const size = fc.oneof(
  fc.nat(40),
  fc.integer({ min: 400, max: 1100 }),
  fc.integer({ min: 4000, max: 9000 }),
  fc.nat(300_000),
);
const bytes = fc.tuple(size, fc.nat(9999)).map(([length, seed]) => content(length, seed));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), directory, name, bytes }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write-at' as const), directory, name, offset: size, bytes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), directory, name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('make' as const), directory }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      directory,
      prefix: fc.constantFrom('f', 'M', 'module with a name of some length ', 'n'.repeat(150)),
      count: fc.integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('thin' as const), directory, keepEvery: fc.integer({ min: 2, max: 40 }) }),
  },
);

export const steps = fc.array(step, { minLength: 5, maxLength: 40 });

/** Content whose every place is different, so that a piece in the wrong place is found out. */
export function content(length: number, seed: number): Buffer {
  const result = Buffer.alloc(length, `${seed}|`);
  for (let at = 0; at + 16 <= length; at += 512) result.write(`<${seed}@${at}>`, at);
  return result;
}

export function emptyModel(): Model {
  return { directories: new Map([['', '']]), files: new Map() };
}

/** Does a step to both; what the model can't do, the volume must refuse. */
export function apply(step: Step, volume: Volume, below: string, model: Model): void {
  switch (step.kind) {
    case 'make': {
      volume.makeDirectory(`${below}\\${step.directory}`);
      const names = step.directory.split('\\');
      for (const [index] of names.entries()) {
        const path = names.slice(0, index + 1).join('\\');
        model.directories.set(path.toUpperCase(), path);
      }
      return;
    }
    case 'write':
      return write(volume, below, model, joined(step.directory, step.name), step.bytes);
    case 'write-at':
      return writeAt(step, volume, below, model);
    case 'delete':
      volume.deleteFile(`${below}\\${joined(step.directory, step.name)}`);
      model.files.delete(joined(step.directory, step.name).toUpperCase());
      return;
    case 'fill':
      for (let number = 0; number < step.count; number += 1)
        write(
          volume,
          below,
          model,
          joined(step.directory, `${step.prefix}${number}.dll`),
          content(number % 50, number),
        );
      return;
    case 'thin': {
      const here = [...model.files.values()].filter(({ path }) => directoryOf(path) === step.directory.toUpperCase());
      for (const [index, { path }] of here.entries()) {
        if (index % step.keepEvery === 0) continue;
        volume.deleteFile(`${below}\\${path}`);
        model.files.delete(path.toUpperCase());
      }
    }
  }
}

function write(volume: Volume, below: string, model: Model, path: string, bytes: Buffer): void {
  if (!model.directories.has(directoryOf(path))) {
    expect(() => {
      volume.writeFile(`${below}\\${path}`, bytes);
    }).toThrow('there is no directory');
    return;
  }
  volume.writeFile(`${below}\\${path}`, bytes);
  const former = model.files.get(path.toUpperCase());
  model.files.set(path.toUpperCase(), { path: former?.path ?? path, bytes });
}

function writeAt(step: Extract<Step, { kind: 'write-at' }>, volume: Volume, below: string, model: Model): void {
  const path = joined(step.directory, step.name);
  const former = model.files.get(path.toUpperCase());
  if (!former) {
    expect(() => {
      volume.writeAt(`${below}\\${path}`, step.offset, step.bytes);
    }).toThrow('there is no such file');
    return;
  }
  volume.writeAt(`${below}\\${path}`, step.offset, step.bytes);
  const bytes = Buffer.alloc(Math.max(former.bytes.length, step.offset + step.bytes.length));
  former.bytes.copy(bytes);
  step.bytes.copy(bytes, step.offset);
  model.files.set(path.toUpperCase(), { path: former.path, bytes });
}

/** What is in the model, in one order: names of each directory, and each file's content. */
export function expectedOf(model: Model): Listing {
  const paths = [...model.directories.values(), ...[...model.files.values()].map(({ path }) => path)];
  return {
    directories: [...model.directories.values()].sort().map((path) => ({
      path,
      names: paths
        .filter((each) => each !== '' && directoryOf(each) === path.toUpperCase())
        .map((each) => each.slice(each.lastIndexOf('\\') + 1))
        .sort(),
    })),
    files: [...model.files.values()].map(({ path, bytes }) => ({ path, bytes })).sort(byPath),
  };
}

export interface Listing {
  readonly directories: readonly { readonly path: string; readonly names: readonly string[] }[];
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[];
}

/** The same asked of the volume. */
export function foundBy(volume: Volume, below: string, asked: Listing): Listing {
  return {
    directories: asked.directories.map(({ path }) => ({
      path,
      names: [...(volume.list(joined(below, path)) ?? [])].sort(),
    })),
    files: asked.files.map(({ path }) => ({
      path,
      bytes: volume.readFile(joined(below, path)) ?? Buffer.from('missing'),
    })),
  };
}

/** The same asked of the product's reader. */
export async function foundByProduct(files: FileVolume, below: string, asked: Listing): Promise<Listing> {
  const directories: { path: string; names: string[] }[] = [];
  for (const { path } of asked.directories) {
    const entries = await files.listDirectory(`\\${joined(below, path)}`);
    directories.push({ path, names: entries.map((entry) => entry.name).sort() });
  }
  const found: { path: string; bytes: Buffer }[] = [];
  for (const { path } of asked.files) {
    const { source, size } = await files.openFile(`\\${joined(below, path)}`);
    found.push({ path, bytes: await source.read(0, size) });
  }
  return { directories, files: found };
}

function joined(directory: string, name: string): string {
  return [directory, name].filter((part) => part !== '').join('\\');
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('\\'))).toUpperCase();
}

function byPath(left: { path: string }, right: { path: string }): number {
  return left.path < right.path ? -1 : 1;
}
