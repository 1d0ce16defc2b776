/** A hive of a disk in memory, and its files: the primary file and, beside it, `.LOG1` and `.LOG2`. */
import { createHive, openHive, type Hive, type HivePatch } from '../disk/registry/hive';
import type { Volume } from '../disk/volume';

export interface MountedHive {
  /** Undefined while the disk has no such hive. */
  content(): Hive | undefined;
  /** Carries out a change in memory; makes the hive if it is not there. */
  change(body: (hive: Hive) => void): void;
  /** Writes the changes so far to the hive's log. */
  commit(): void;
  /** Writes everything to the primary file, which is clean then. */
  flush(): void;
}

export interface MountHiveOptions {
  volume: Volume;
  /** Of the primary file, from the volume's root. */
  path: string;
  minorVersion: 3 | 5;
  readOnly: boolean;
  now: () => number;
  /** Called before anything is written; throws if it may not be. */
  beforeWrite: () => void;
}

/** Takes the hive into memory if it is there. One that was left dirty is written clean, unless it is read-only. */
export function mountHive(options: MountHiveOptions): MountedHive {
  const { volume, path } = options;
  const files = { primary: path, log1: `${path}.LOG1`, log2: `${path}.LOG2` };
  const missing = new Set(Object.values(files).filter((file) => !isThere(volume, file)));
  let hive = load();

  function load(): Hive | undefined {
    const primary = volume.readFile(files.primary);
    if (primary === undefined) return undefined;
    const opened = openHive({ primary, log1: volume.readFile(files.log1), log2: volume.readFile(files.log2) });
    if (options.readOnly) return opened;
    const patches = opened.flush();
    if (patches.length > 0) options.beforeWrite();
    write(patches);
    return opened;
  }

  function create(): Hive {
    volume.makeDirectory(path.split('\\').slice(0, -1).join('\\'));
    const created = createHive({
      at: options.now(),
      rootName: 'ROOT',
      fileName: path,
      minorVersion: options.minorVersion,
    });
    write(created.flush());
    return created;
  }

  function write(patches: readonly HivePatch[]): void {
    if (patches.length === 0) return;
    // Windows keeps all three beside each other, the logs even when they are empty.
    for (const file of missing) volume.writeFile(file, Buffer.alloc(0));
    missing.clear();
    for (const { file, offset, bytes } of patches) volume.writeAt(files[file], offset, bytes);
  }

  return {
    content: () => hive,
    change(body) {
      options.beforeWrite();
      hive ??= create();
      body(hive);
    },
    commit() {
      if (hive !== undefined) write(hive.commit());
    },
    flush() {
      if (hive !== undefined) write(hive.flush());
    },
  };
}

function isThere(volume: Volume, path: string): boolean {
  const parts = path.split('\\');
  const name = (parts.pop() ?? '').toLowerCase();
  return volume.list(parts.join('\\'))?.some((other) => other.toLowerCase() === name) ?? false;
}
