import { UnreadableError } from '../byte-source';
import type { Cell, Cells } from './cells';
import { isAscii, nameHash, nameHint, upperCase } from './names';

/**
 * Lists of subkeys: index leaf `li`, fast leaf `lf`, hash leaf `lh`, and index root `ri`, a list of lists.
 * Format: https://github.com/msuhanov/regf, "Index leaf" to "Index root".
 */

/** Windows writes lists of lists one deep; one level more is tolerated. */
const maxIndexRoots = 2;

/** A list's walk: what it has seen, so that no list is walked twice and nothing is endless. */
interface Walk {
  cells: Cells;
  seen: Set<number>;
  /** Elements may be left out by their hint; undefined when all are wanted. */
  wanted: string | undefined;
  /** Elements passed, wanted or not. */
  elements: number;
  limit: number;
}

/**
 * The offsets of a key's subkeys in the order of the list. With `wanted`, only those that may have this name: leaves
 * that carry hashes or hints are filtered by them. `count` is what the key says; lists with more or fewer are `damaged`
 * (found out at the end of the walk).
 */
export async function* subkeyOffsets(
  cells: Cells,
  listOffset: number,
  count: number,
  wanted?: string,
): AsyncGenerator<number> {
  if (count === 0) return;
  const walk: Walk = { cells, seen: new Set(), wanted, elements: 0, limit: count };
  const listed = new Set<number>();
  for await (const offset of walkList(walk, listOffset, 0)) {
    // Otherwise a few keys that list each other's subkeys many times would make a tree without end.
    if (listed.has(offset)) throw new UnreadableError('damaged', `subkey ${offset} is listed twice`);
    listed.add(offset);
    yield offset;
  }
  if (walk.elements !== count) {
    throw new UnreadableError('damaged', `a key has ${count} subkeys, its lists ${walk.elements}`);
  }
}

async function* walkList(walk: Walk, listOffset: number, depth: number): AsyncGenerator<number> {
  if (walk.seen.has(listOffset)) throw new UnreadableError('damaged', `subkey list ${listOffset} is referenced twice`);
  walk.seen.add(listOffset);
  const cell = await walk.cells.get(listOffset, 'subkey list');
  const head = await cell.read(0, 4);
  const kind = head.toString('latin1', 0, 2);
  const length = head.readUInt16LE(2);
  if (kind === 'ri') {
    if (depth >= maxIndexRoots) throw new UnreadableError('too-deep', 'subkey lists of subkey lists');
    const lists = await cell.read(4, length * 4);
    for (let index = 0; index < length; index += 1) yield* walkList(walk, lists.readUInt32LE(index * 4), depth + 1);
    return;
  }
  walk.elements += length;
  if (walk.elements > walk.limit) {
    throw new UnreadableError('damaged', `a key has ${walk.limit} subkeys, its lists more`);
  }
  yield* await leafElements(cell, kind, length, walk.wanted);
}

async function leafElements(cell: Cell, kind: string, length: number, wanted: string | undefined): Promise<number[]> {
  const mayBe = elementFilter(kind, wanted);
  const elementSize = kind === 'li' ? 4 : 8;
  const elements = await cell.read(4, length * elementSize);
  const offsets = [];
  for (let at = 0; at < elements.length; at += elementSize) {
    if (mayBe(elements.subarray(at + 4, at + elementSize))) offsets.push(elements.readUInt32LE(at));
  }
  return offsets;
}

/** Whether an element may be the wanted one, by what stands beside its offset. Throws `damaged` on an unknown kind. */
function elementFilter(kind: string, wanted: string | undefined): (beside: Buffer) => boolean {
  if (kind !== 'li' && kind !== 'lf' && kind !== 'lh') {
    throw new UnreadableError('damaged', `a subkey list of the unknown kind ${JSON.stringify(kind)}`);
  }
  // Hash and hint depend on Windows' upper-case table, which is certain for ASCII only.
  if (wanted === undefined || kind === 'li' || !isAscii(wanted)) return () => true;
  if (kind === 'lh') {
    const hash = nameHash(wanted);
    return (beside) => beside.readUInt32LE(0) === hash;
  }
  const hint = nameHint(wanted);
  return (beside) => upperCase(beside.toString('latin1')) === hint;
}
