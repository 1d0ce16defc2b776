import type { VolumeParts } from './attribute-value';
import { nameOf } from './file-name';
import { readReference, writeReference, type FileRecord, type FileReference } from './file-record';
import { entryLength, lastEntry, type IndexEntry } from './index-node';
import { openIndexStorage, ROOT, type IndexStorage } from './index-storage';
import type { NameOrder } from './name-order';

/**
 * The names of a directory, a B-tree (https://flatcap.github.io/linux-ntfs/ntfs/concepts/tree.html). The directory's
 * record is changed in memory; its owner writes it.
 */
export interface DirectoryIndex {
  find(name: string): { reference: FileReference; key: Buffer } | undefined;
  /** In the volume's order of names. */
  list(): { reference: FileReference; key: Buffer }[];
  /** Adds a name. Throws an Error if it is there already. */
  insert(reference: FileReference, key: Buffer): void;
  /** Replaces what stands beside a name; the name stays. Throws an Error if it is not there. */
  update(key: Buffer): void;
  /** Takes a name out. Throws an Error if it is not there. */
  remove(name: string): void;
}

/** A node on the way from the root to a name, and the entry that was taken there. */
interface Step {
  readonly node: number;
  readonly entries: IndexEntry[];
  readonly at: number;
}

/** A tree of three levels holds some hundred thousand names; only a damaged one is deeper than this. */
const DEEPEST = 12;

export function openDirectoryIndex(parts: VolumeParts, directory: FileRecord, compare: NameOrder): DirectoryIndex {
  const storage = openIndexStorage(parts, directory);

  /** The way to a name: to its entry, or to the place in a leaf where it would stand. */
  function wayTo(name: string): { steps: Step[]; isFound: boolean } {
    const steps: Step[] = [];
    for (let node: number | undefined = ROOT; node !== undefined;) {
      if (steps.length === DEEPEST) throw new Error('A directory of the volume is damaged: its tree has no end.');
      const entries: IndexEntry[] = storage.read(node);
      const at = placeIn(entries, name);
      steps.push({ node, entries, at });
      const entry = entries[at];
      if (entry && entry.key.length > 0 && compare(name, nameOf(entry.key)) === 0) return { steps, isFound: true };
      node = entry?.child;
    }
    return { steps, isFound: false };
  }

  /** The first entry that is not before the name; the last has none and is after all. */
  function placeIn(entries: readonly IndexEntry[], name: string): number {
    let low = 0;
    let high = entries.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const key = entries[middle]?.key;
      if (key && compare(name, nameOf(key)) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function wayToExisting(name: string): { above: Step[]; last: Step; entry: IndexEntry } {
    const { steps, isFound } = wayTo(name);
    const last = steps.at(-1);
    const entry = last?.entries[last.at];
    if (!isFound || !last || !entry) throw new Error(`The directory has no name "${name}".`);
    return { above: steps.slice(0, -1), last, entry };
  }

  function* walk(node: number): Generator<IndexEntry> {
    for (const entry of storage.read(node)) {
      if (entry.child !== undefined) yield* walk(entry.child);
      if (entry.key.length > 0) yield entry;
    }
  }

  function insertEntry(reference: Buffer, key: Buffer): void {
    const { steps, isFound } = wayTo(nameOf(key));
    const last = steps.at(-1);
    if (isFound || !last) throw new Error(`The directory has the name "${nameOf(key)}" already.`);
    place(
      storage,
      steps.slice(0, -1),
      last.node,
      inserted(last.entries, last.at, { reference, key, child: undefined }),
    );
  }

  /** The name after the one that is taken out moves into its place, out of the leaf where it stands. */
  function replaceBySuccessor(above: Step[], last: Step): void {
    const steps = [...above, { ...last, at: last.at + 1 }];
    for (let node = last.entries[last.at + 1]?.child; node !== undefined;) {
      const entries = storage.read(node);
      steps.push({ node, entries, at: 0 });
      node = entries[0]?.child;
    }
    const leaf = steps.pop();
    const successor = leaf?.entries[0];
    if (!leaf || !successor) throw new Error('A directory of the volume is damaged: a leaf is empty.');
    // First a leaf without the successor, whatever that does to the tree; then the name at its new place.
    takeFromLeaf(steps, leaf, 0);
    const { above: nodesAbove, last: target } = wayToExisting(nameOf(last.entries[last.at]?.key ?? Buffer.alloc(0)));
    const removed = target.entries[target.at];
    if (removed?.child === undefined) {
      takeFromLeaf(nodesAbove, target, target.at);
      insertEntry(successor.reference, successor.key);
      return;
    }
    const entries = target.entries.map((entry) => (entry === removed ? { ...successor, child: removed.child } : entry));
    place(storage, nodesAbove, target.node, entries);
  }

  function takeFromLeaf(above: Step[], leaf: Step, at: number): void {
    const entries = leaf.entries.filter((_, index) => index !== at);
    if (entries.length > 1 || above.length === 0) storage.write(leaf.node, entries);
    else dropEmptyNode(above, leaf.node);
  }

  /** A node without names goes; the name beside it in the node above is put in again, below. */
  function dropEmptyNode(above: Step[], node: number): void {
    storage.freeBlock(node);
    const parent = above.at(-1);
    if (!parent) throw new Error('A directory of the volume is damaged: a node has none above it.');
    const entries = [...parent.entries];
    const isLast = parent.at === entries.length - 1;
    const neighbour = isLast ? entries[parent.at - 1] : entries[parent.at];
    if (!neighbour) {
      emptyParent(above.slice(0, -1), parent.node);
      return;
    }
    if (isLast) entries.splice(parent.at - 1, 2, lastEntry(neighbour.child));
    else entries.splice(parent.at, 1);
    storage.write(parent.node, entries);
    insertEntry(neighbour.reference, neighbour.key);
  }

  function emptyParent(above: Step[], node: number): void {
    if (node !== ROOT) {
      dropEmptyNode(above, node);
      return;
    }
    storage.write(ROOT, [lastEntry(undefined)]);
    storage.dropBlocks();
  }

  return {
    find(name) {
      const { steps, isFound } = wayTo(name);
      const last = steps.at(-1);
      const entry = last?.entries[last.at];
      return isFound && entry ? { reference: readReference(entry.reference, 0), key: entry.key } : undefined;
    },
    list: () => [...walk(ROOT)].map(({ reference, key }) => ({ reference: readReference(reference, 0), key })),
    insert(reference, key) {
      const bytes = Buffer.alloc(8);
      writeReference(bytes, 0, reference);
      insertEntry(bytes, key);
    },
    update(key) {
      const { last, entry } = wayToExisting(nameOf(key));
      const entries = last.entries.map((each) => (each === entry ? { ...entry, key } : each));
      if (!storage.write(last.node, entries)) throw new Error(`The name "${nameOf(key)}" no longer fits.`);
    },
    remove(name) {
      const { above, last, entry } = wayToExisting(name);
      if (entry.child === undefined) takeFromLeaf(above, last, last.at);
      else replaceBySuccessor(above, last);
    },
  };
}

/** Writes a node's entries; where they do not fit, the node is split and the name in the middle moves up. */
function place(storage: IndexStorage, above: readonly Step[], node: number, entries: readonly IndexEntry[]): void {
  if (storage.write(node, entries)) return;
  if (node === ROOT) {
    deepen(storage, entries);
    return;
  }
  const parent = above.at(-1);
  if (!parent) throw new Error('A directory of the volume is damaged: a node has none above it.');
  const middle = middleOf(entries);
  const median = entries[middle];
  if (!median) throw new Error('A node of a directory cannot be split.');
  const right = storage.allocateBlock();
  demandWritten(storage.write(node, [...entries.slice(0, middle), lastEntry(median.child)]));
  demandWritten(storage.write(right, entries.slice(middle + 1)));
  const upper = parent.entries.map((entry, index) => (index === parent.at ? { ...entry, child: right } : entry));
  place(storage, above.slice(0, -1), parent.node, inserted(upper, parent.at, { ...median, child: node }));
}

/** The record has no more room for names: they all move into a block below. */
function deepen(storage: IndexStorage, entries: readonly IndexEntry[]): void {
  demandWritten(storage.write(ROOT, [lastEntry(undefined)]));
  const block = storage.allocateBlock();
  demandWritten(storage.write(ROOT, [lastEntry(block)]));
  const below: Step = { node: ROOT, entries: [lastEntry(block)], at: 0 };
  place(storage, [below], block, entries);
}

/** The entry at which half of the bytes are reached; neither the first nor the one before the end. */
function middleOf(entries: readonly IndexEntry[]): number {
  const half = entries.reduce((sum, entry) => sum + entryLength(entry), 0) / 2;
  let sum = 0;
  const middle = entries.findIndex((entry) => (sum += entryLength(entry)) > half);
  return Math.min(Math.max(middle, 1), entries.length - 3);
}

function inserted(entries: readonly IndexEntry[], at: number, entry: IndexEntry): IndexEntry[] {
  return [...entries.slice(0, at), entry, ...entries.slice(at)];
}

function demandWritten(isWritten: boolean): void {
  if (!isWritten) throw new Error('The entries of half a node do not fit into one: the names are too long for it.');
}
