/**
 * What has to be written to a hive's three files, and in which order, so that a cut at any point leaves a hive that
 * opens with the state before or after. The writing itself is the caller's.
 *
 * As Windows does since 8.1 (https://github.com/msuhanov/regf, "New format"): a write goes to the log only, and the
 * primary file is marked dirty before its first one; much later, or when Windows shuts down, all pages go to the primary file, which is
 * clean again, and the other log takes over.
 */
import { baseBlockSize, headSize, logHead, setBaseBlock } from './base-block';
import { pageSize, type Bins } from './bins';
import { encodeLogEntry, type PageRun } from './log-entries';
import type { LoadedHive, LogName } from './recovery';

/** Bytes to be written to one of the files. Patches must reach the disk in the order in which they are given. */
export interface HivePatch {
  file: 'primary' | LogName;
  /** From the start of the file, in bytes; the file grows if it must. */
  offset: number;
  bytes: Buffer;
}

/** assumed: how long a log becomes before Windows writes the primary file; the limit is not public. */
const longestLog = 1024 * 1024;

export interface HiveFileWriter {
  commit(): HivePatch[];
  flush(): HivePatch[];
}

/** For a hive that was loaded, or with `isNew` for one that no file holds yet. */
export function createHiveFileWriter(bins: Bins, loaded: Omit<LoadedHive, 'bins'>, isNew: boolean): HiveFileWriter {
  const { baseBlock, unflushedPages } = loaded;
  let { nextSequence, activeLog, logEnd } = loaded;
  let hasPrimary = !isNew;

  function commit(): HivePatch[] {
    if (!hasPrimary) return flush();
    const pages = bins.takeTouchedPages();
    if (pages.length === 0) return [];
    const patches = [...beginLog(), logEntry(pages)];
    // Only now, with the entry in the log, may the primary file be called dirty: while it is clean, logs are ignored.
    if (logEnd === undefined) patches.push(markDirty());
    logEnd = endOf(patches, activeLog);
    nextSequence = (nextSequence + 1) >>> 0;
    for (const page of pages) unflushedPages.add(page);
    return logEnd > longestLog ? [...patches, ...flush()] : patches;
  }

  function beginLog(): HivePatch[] {
    if (logEnd !== undefined) return [];
    return [{ file: activeLog, offset: 0, bytes: logHead(baseBlock, nextSequence, bins.size()) }];
  }

  function logEntry(pages: readonly number[]): HivePatch {
    const offset = logEnd ?? headSize;
    const entry = { sequence: nextSequence, binsSize: bins.size(), pages: runsOf(pages) };
    return { file: activeLog, offset, bytes: encodeLogEntry(entry, offset) };
  }

  function markDirty(): HivePatch {
    return head({ primary: (nextSequence + 1) >>> 0, secondary: nextSequence });
  }

  function head(sequences: { primary: number; secondary: number }): HivePatch {
    setBaseBlock(baseBlock, { ...sequences, binsSize: bins.size() });
    return {
      file: 'primary',
      offset: 0,
      bytes: Buffer.from(baseBlock.subarray(0, hasPrimary ? headSize : baseBlockSize)),
    };
  }

  function flush(): HivePatch[] {
    const logged = hasPrimary ? commit() : [];
    if (!hasPrimary) for (const page of bins.takeTouchedPages()) unflushedPages.add(page);
    if (unflushedPages.size === 0) return logged;
    const pages = [...unflushedPages].sort((one, other) => one - other);
    const written = runsOf(pages).map(({ offset, bytes }): HivePatch => ({
      file: 'primary',
      offset: baseBlockSize + offset,
      bytes,
    }));
    const clean = head({ primary: nextSequence, secondary: nextSequence });
    unflushedPages.clear();
    hasPrimary = true;
    if (logEnd !== undefined) activeLog = activeLog === 'log1' ? 'log2' : 'log1';
    logEnd = undefined;
    return [...logged, ...written, clean];
  }

  /** Pages that follow each other go together. */
  function runsOf(pages: readonly number[]): PageRun[] {
    const runs: { first: number; count: number }[] = [];
    for (const page of pages) {
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === page) last.count += 1;
      else runs.push({ first: page, count: 1 });
    }
    return runs.map(({ first, count }) => ({ offset: first * pageSize, bytes: bins.pages(first, count) }));
  }

  return { commit, flush };
}

function endOf(patches: readonly HivePatch[], file: LogName): number {
  return Math.max(...patches.filter((patch) => patch.file === file).map(({ offset, bytes }) => offset + bytes.length));
}
