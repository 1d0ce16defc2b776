/**
 * A key's list of subkeys, in the order of their upper-case names: one leaf, or an index root over several.
 * Format: https://github.com/msuhanov/regf, "Index leaf" to "Index root".
 */
import type { Bins } from './bins';
import { keyField, keyName, noCell, raiseLargest } from './key-node';
import { compareNames, hashName, hintOf } from './names';

/**
 * A leaf fills one bin of one page and no more: 507 elements of eight bytes
 * (reactos/reactos:sdk/lib/cmlib/cmindex.c, CmpMaxFastIndexPerHblock; real hives show the same).
 */
const mostInLeaf = 507;
/** Four bytes less for each element: 1,012 of an index leaf, or of lists in an index root. */
const mostInIndex = 1012;

type LeafKind = 'li' | 'lf' | 'lh';

interface Leaf {
  cell: number;
  kind: LeafKind;
  keys: number[];
}

/** Where a leaf stands: in the key node itself, or in an index root at a place. */
interface LeafPlace {
  leaf: Leaf;
  root?: { cell: number; leaves: number[]; index: number };
}

/** The cells of a key's subkeys, in order. */
export function subkeysOf(bins: Bins, key: number): number[] {
  return leavesOf(bins, key).flatMap(({ leaf }) => leaf.keys);
}

/** The cell of the subkey of this name in any case. */
export function findSubkey(bins: Bins, key: number, name: string): number | undefined {
  const hash = hashName(name);
  for (const cell of leafCellsOf(bins, key)) {
    const found = findInLeaf(bins, cell, name, hash);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInLeaf(bins: Bins, cell: number, name: string, hash: number): number | undefined {
  const kind = kindOf(bins, cell);
  const elementSize = sizeOfElement(kind);
  const elements = bins.view(cell, 4, bins.uint16(cell, 2) * elementSize);
  for (let at = 0; at < elements.length; at += elementSize) {
    if (kind === 'lh' && elements.readUInt32LE(at + 4) !== hash) continue;
    const key = elements.readUInt32LE(at);
    if (compareNames(keyName(bins, key), name) === 0) return key;
  }
  return undefined;
}

/** Puts a key into its parent's list, and counts it there. */
export function addSubkey(bins: Bins, parent: number, key: number): void {
  const name = keyName(bins, key);
  const places = leavesOf(bins, parent);
  const place = places.find(({ leaf }) => comesBefore(bins, name, leaf.keys.at(-1))) ?? places.at(-1);
  if (place === undefined) setList(bins, parent, writeLeaf(bins, undefined, 'lh', [key]));
  else insertInto(bins, parent, place, key, name);
  bins.setUint32(parent, keyField.subkeyCount, bins.uint32(parent, keyField.subkeyCount) + 1);
  raiseLargest(bins, parent, 'largestSubkeyName', name.length * 2);
}

/** Takes a key out of its parent's list. Throws an Error if it is not there. */
export function removeSubkey(bins: Bins, parent: number, key: number): void {
  const place = leavesOf(bins, parent).find(({ leaf }) => leaf.keys.includes(key));
  if (place === undefined) throw new Error(`The hive is damaged: the key at ${key} is not in its parent's list.`);
  const { leaf } = place;
  const rest = leaf.keys.filter((other) => other !== key);
  replaceLeaf(bins, parent, place, rest.length > 0 ? [writeLeaf(bins, leaf.cell, leaf.kind, rest)] : []);
  if (rest.length === 0) bins.free(leaf.cell);
  const count = bins.uint32(parent, keyField.subkeyCount) - 1;
  bins.setUint32(parent, keyField.subkeyCount, count);
  // assumed: Windows starts the largest lengths anew only when no subkey is left.
  if (count > 0) return;
  bins.setUint16(parent, keyField.largestSubkeyName, 0);
  bins.setUint32(parent, keyField.largestClassName, 0);
}

/** Gives back the room of a key's lists, not of the keys in them. */
export function freeSubkeyLists(bins: Bins, key: number): void {
  const list = listOf(bins, key);
  if (list === undefined) return;
  const leaves = leafCellsOf(bins, key);
  for (const leaf of leaves) bins.free(leaf);
  if (!leaves.includes(list)) bins.free(list);
}

function insertInto(bins: Bins, parent: number, place: LeafPlace, key: number, name: string): void {
  const { cell, kind, keys } = place.leaf;
  const index = firstAfter(bins, keys, name);
  if (keys.length < mostOf(kind)) {
    replaceLeaf(bins, parent, place, [writeLeaf(bins, cell, kind, keys.toSpliced(index, 0, key))]);
    return;
  }
  // assumed: a full leaf is halved, but one that only grew at its end stays full, as the leaves of real hives show.
  const cut = index === keys.length ? index : keys.length >> 1;
  const halves = [keys.slice(0, cut), keys.slice(cut)] as const;
  const half = index >= cut ? halves[1] : halves[0];
  half.splice(index >= cut ? index - cut : index, 0, key);
  replaceLeaf(bins, parent, place, [
    writeLeaf(bins, cell, kind, halves[0]),
    writeLeaf(bins, undefined, kind, halves[1]),
  ]);
}

/** Puts none, one or two leaves where one was. */
function replaceLeaf(bins: Bins, parent: number, { leaf, root }: LeafPlace, cells: number[]): void {
  if (cells.length === 1 && cells[0] === leaf.cell) return;
  if (root === undefined) {
    setList(bins, parent, cells.length > 1 ? writeRoot(bins, undefined, cells) : (cells[0] ?? noCell));
    return;
  }
  const leaves = root.leaves.toSpliced(root.index, 1, ...cells);
  if (leaves.length === 0) bins.free(root.cell);
  setList(bins, parent, leaves.length > 0 ? writeRoot(bins, root.cell, leaves) : noCell);
}

function setList(bins: Bins, parent: number, cell: number): void {
  if (bins.uint32(parent, keyField.subkeyList) !== cell) bins.setUint32(parent, keyField.subkeyList, cell);
}

function listOf(bins: Bins, key: number): number | undefined {
  // A key without subkeys may keep any number here.
  return bins.uint32(key, keyField.subkeyCount) === 0 ? undefined : bins.uint32(key, keyField.subkeyList);
}

function leafCellsOf(bins: Bins, key: number): number[] {
  const list = listOf(bins, key);
  if (list === undefined) return [];
  return signatureOf(bins, list) === 'ri' ? numbersIn(bins, list, 4) : [list];
}

function leavesOf(bins: Bins, key: number): LeafPlace[] {
  const list = listOf(bins, key);
  if (list === undefined) return [];
  if (signatureOf(bins, list) !== 'ri') return [{ leaf: readLeaf(bins, list) }];
  const leaves = numbersIn(bins, list, 4);
  return leaves.map((cell, index) => ({ leaf: readLeaf(bins, cell), root: { cell: list, leaves, index } }));
}

function readLeaf(bins: Bins, cell: number): Leaf {
  const kind = kindOf(bins, cell);
  return { cell, kind, keys: numbersIn(bins, cell, sizeOfElement(kind)) };
}

function numbersIn(bins: Bins, cell: number, elementSize: number): number[] {
  const count = bins.uint16(cell, 2);
  const elements = bins.view(cell, 4, count * elementSize);
  return Array.from({ length: count }, (_, index) => elements.readUInt32LE(index * elementSize));
}

function writeLeaf(bins: Bins, cell: number | undefined, kind: LeafKind, keys: readonly number[]): number {
  const list = Buffer.alloc(4 + keys.length * sizeOfElement(kind));
  list.write(kind, 'latin1');
  list.writeUInt16LE(keys.length, 2);
  for (const [index, key] of keys.entries()) {
    const at = 4 + index * sizeOfElement(kind);
    list.writeUInt32LE(key, at);
    if (kind === 'lh') list.writeUInt32LE(hashName(keyName(bins, key)), at + 4);
    if (kind === 'lf') hintOf(keyName(bins, key)).copy(list, at + 4);
  }
  return putList(bins, cell, list);
}

function writeRoot(bins: Bins, cell: number | undefined, leaves: readonly number[]): number {
  if (leaves.length > mostInIndex) throw new Error('The key has too many subkeys.');
  const list = Buffer.alloc(4 + leaves.length * 4);
  list.write('ri', 'latin1');
  list.writeUInt16LE(leaves.length, 2);
  for (const [index, leaf] of leaves.entries()) list.writeUInt32LE(leaf, 4 + index * 4);
  return putList(bins, cell, list);
}

/** Where the list has its place already and fits, it stays there. */
function putList(bins: Bins, cell: number | undefined, list: Buffer): number {
  const fits = cell !== undefined && bins.capacity(cell) >= list.length;
  const place = fits ? cell : bins.allocate(list.length);
  if (cell !== undefined && !fits) bins.free(cell);
  bins.write(place, 0, list);
  return place;
}

function kindOf(bins: Bins, cell: number): LeafKind {
  const kind = signatureOf(bins, cell);
  if (kind === 'li' || kind === 'lf' || kind === 'lh') return kind;
  throw new Error(`The hive is damaged: no list of subkeys at ${cell}.`);
}

function signatureOf(bins: Bins, cell: number): string {
  return bins.view(cell, 0, 2).toString('latin1');
}

function sizeOfElement(kind: LeafKind): number {
  return kind === 'li' ? 4 : 8;
}

function mostOf(kind: LeafKind): number {
  return kind === 'li' ? mostInIndex : mostInLeaf;
}

function comesBefore(bins: Bins, name: string, key: number | undefined): boolean {
  return key !== undefined && compareNames(name, keyName(bins, key)) < 0;
}

/** By bisection: where a name belongs among keys in order. */
function firstAfter(bins: Bins, keys: readonly number[], name: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comesBefore(bins, name, keys[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
