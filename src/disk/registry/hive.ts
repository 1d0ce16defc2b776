import type { ByteSource } from '../byte-source';
import { UnreadableError } from '../byte-source';
import { keptPages } from '../kept-pages';
import type { BaseBlock } from './base-block';
import { baseBlockHeadSize, baseBlockSize, parseBaseBlock, unsupportedReason, wrongChecksum } from './base-block';
import { openCells } from './cells';
import type { Key } from './key';
import { readKey } from './key';
import type { HiveLogs, HiveRecovery } from './recovery';
import { recoverHive } from './recovery';

/** A registry hive, read where it lies. All methods throw UnreadableError and nothing else. */
export interface Hive {
  version: { major: number; minor: number };
  /** As the base block has it. Windows stopped keeping it up to date in 8.1. */
  lastWritten: Date;
  /** What state the hive was in and what was done about it. */
  recovery: HiveRecovery;
  /** The root key. Its own name means nothing. */
  root(): Promise<Key>;
  /** The key at a path from the root (names in any case; an empty path is the root), or undefined if there is none. */
  findKey(path: readonly string[]): Promise<Key | undefined>;
}

/** 32 KiB, because neighbouring cells are asked for together; 4 MiB in all. */
const keptOfHive = { pageBytes: 32 * 1024, pages: 128 };

/** Deeper paths cannot exist: Windows allows 512 levels (learn.microsoft.com, "Registry Element Size Limits"). */
const maxPathLength = 512;

/**
 * Opens a hive of version 1.3 to 1.6 and, if it is dirty, brings it up to date in memory from its logs (`.LOG1`,
 * `.LOG2`; the single `.LOG` of old systems goes as `log1`). Nothing is ever written. A dirty hive whose logs cannot be
 * used is given as it is; `recovery` says so, and whoever reads it decides.
 *
 * Reads come in blocks of 32 KiB, of which 4 MiB are kept: opening takes one, a key three levels down in a SYSTEM hive of
 * 11 MiB about ten. Logs are read only if the hive is dirty, in pieces of 256 KiB or one entry, up to the first that is
 * not needed.
 *
 * Throws UnreadableError: `not-this-format` if it is no hive or of another version, `damaged` where the hive contradicts
 * itself, `too-large`, `too-deep`, and whatever the sources throw.
 */
export async function openHive(source: ByteSource, logs: HiveLogs = {}): Promise<Hive> {
  const file = keptPages(source, keptOfHive);
  const stored = await readBaseBlock(file);
  const isClean = stored?.isChecksumRight === true && stored.primarySequence === stored.secondarySequence;
  if (stored !== undefined && stored.isChecksumRight && stored.fileType !== 0) {
    throw new UnreadableError('not-this-format', `a file of type ${stored.fileType}: a log, not its hive`);
  }
  if (isClean) return hiveOver(file, stored, { state: 'clean' });
  const { recovery, applied } = await recoverHive(stored, () => firstBinFiletime(file), logs);
  if (applied !== undefined) {
    const { base, overlay } = applied;
    return hiveOver(overlay.over(file, baseBlockSize + base.hiveBinsSize), base, recovery);
  }
  if (stored !== undefined) return hiveOver(file, stored, recovery);
  const reason = recovery.state === 'dirty-without-usable-logs' ? `: ${recovery.reason}` : '';
  throw new UnreadableError(
    'not-this-format',
    `it does not begin as a hive does, and no log has its base block${reason}`,
  );
}

/** Undefined where the file does not begin with a base block: a log may still have a copy. */
async function readBaseBlock(file: ByteSource): Promise<BaseBlock | undefined> {
  if (file.size < baseBlockSize)
    throw new UnreadableError('not-this-format', `${file.size} bytes are too few for a hive`);
  return parseBaseBlock(await file.read(0, baseBlockHeadSize));
}

/** The first bin keeps a copy of the time in the base block ("Hive bin", note 3). 0 where there is none. */
async function firstBinFiletime(file: ByteSource): Promise<bigint> {
  if (file.size < baseBlockSize + 32) return 0n;
  const head = await file.read(baseBlockSize, 32);
  return head.toString('latin1', 0, 4) === 'hbin' ? head.readBigUInt64LE(20) : 0n;
}

function hiveOver(source: ByteSource, base: BaseBlock, recovery: HiveRecovery): Hive {
  const unsupported = unsupportedReason(base);
  if (unsupported !== undefined) {
    const doubt = base.isChecksumRight ? '' : ` with ${wrongChecksum(base.checksum)}`;
    throw new UnreadableError('not-this-format', `a hive${doubt}, but ${unsupported}`);
  }
  const cells = openCells(source, base.hiveBinsSize);

  function root(): Promise<Key> {
    return readKey(cells, base.rootCell);
  }

  async function findKey(path: readonly string[]): Promise<Key | undefined> {
    if (path.length > maxPathLength) throw new UnreadableError('too-deep', `a path of ${path.length} keys`);
    let key: Key | undefined = await root();
    for (const name of path) {
      key = await key.subkey(name);
      if (key === undefined) return undefined;
    }
    return key;
  }

  return {
    version: { major: base.majorVersion, minor: base.minorVersion },
    lastWritten: base.lastWritten,
    recovery,
    root,
    findKey,
  };
}
