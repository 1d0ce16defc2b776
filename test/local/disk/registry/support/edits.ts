/** Random edits of a hive, and a model that knows what they lead to. */
import * as fc from 'fast-check';
import type { Hive, TypedData } from '../../../../../local/disk/registry/hive';

export type Edit =
  | { kind: 'write'; path: string[]; name: string; value: TypedData }
  | { kind: 'create'; path: string[] }
  | { kind: 'delete-value'; path: string[]; name: string }
  | { kind: 'delete-key'; path: string[] };

const keyNames = ['a', 'B', 'b', 'Services', 'SERVICES', 'Größe', 'größe', 'Ω', 'ω', 'a'.repeat(255)];
const valueNames = ['', 'Start', 'START', 'Ünï', '日本'];
/** Around what lies in a record, in one cell, and in segments. */
const sizes = [0, 1, 4, 5, 8, 9, 100, 5000, 16_344, 16_345, 40_000];

const path = fc.array(fc.constantFrom(...keyNames), { minLength: 1, maxLength: 3 });
const name = fc.constantFrom(...valueNames);
const value = fc
  .record({
    type: fc.integer({ min: 0, max: 11 }),
    size: fc.constantFrom(...sizes),
    fill: fc.integer({ min: 0, max: 255 }),
  })
  .map(({ type, size, fill }) => ({ type, data: Buffer.alloc(size, fill) }));

export const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write'), path, name, value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create'), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete-value'), path, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete-key'), path }) },
);

export function applyToHive(hive: Hive, { kind, ...edited }: Edit, at: number): void {
  const { path, name = '', value } = { name: undefined, value: undefined, ...edited };
  if (kind === 'write' && value !== undefined) hive.writeValue(path, name, value, at);
  if (kind === 'create') hive.createKey(path, at);
  if (kind === 'delete-value') hive.deleteValue(path, name, at);
  if (kind === 'delete-key') hive.deleteKey(path, at);
}

/** Keys by their path and values by their name, both in upper case; names as they were first written. */
export type Model = Map<string, ModelKey>;

interface ModelKey {
  path: string[];
  lastWritten: number;
  values: Map<string, { name: string; type: number; data: Buffer }>;
}

export function emptyModel(at: number): Model {
  return new Map([['', { path: [], lastWritten: at, values: new Map() }]]);
}

export function applyToModel(model: Model, edited: Edit, at: number): void {
  const { path } = edited;
  if (edited.kind === 'write' || edited.kind === 'create') {
    for (let depth = 1; depth <= path.length; depth += 1) addToModel(model, path.slice(0, depth), at);
  }
  const key = model.get(idOf(path));
  if (key === undefined) return;
  if (edited.kind === 'write') {
    const known = key.values.get(edited.name.toUpperCase());
    key.values.set(edited.name.toUpperCase(), { name: known?.name ?? edited.name, ...edited.value });
    key.lastWritten = at;
  }
  if (edited.kind === 'delete-value' && key.values.delete(edited.name.toUpperCase())) key.lastWritten = at;
  if (edited.kind === 'delete-key') {
    for (const id of model.keys()) if (id === idOf(path) || id.startsWith(`${idOf(path)}\\`)) model.delete(id);
    touch(model, path.slice(0, -1), at);
  }
}

function addToModel(model: Model, path: string[], at: number): void {
  if (model.has(idOf(path))) return;
  const parent = model.get(idOf(path.slice(0, -1)));
  model.set(idOf(path), { path: [...(parent?.path ?? []), path.at(-1) ?? ''], lastWritten: at, values: new Map() });
  touch(model, path.slice(0, -1), at);
}

function touch(model: Model, path: string[], at: number): void {
  const key = model.get(idOf(path));
  if (key !== undefined) key.lastWritten = at;
}

function idOf(path: string[]): string {
  return path.map((part) => `\\${part.toUpperCase()}`).join('');
}

/** In the form of `contentOf`, keys in the order of a hive. */
export function contentOfModel(model: Model, parent = ''): unknown[] {
  const key = model.get(parent);
  if (key === undefined) return [];
  const values = [...key.values.values()].map(({ name, type, data }) => [name, type, data.toString('base64')]);
  const children = [...model.keys()]
    .filter((id) => id !== '' && id.slice(0, id.lastIndexOf('\\')) === parent)
    .sort((one, other) => (one < other ? -1 : 1));
  return [
    { path: key.path, lastWritten: key.lastWritten, values },
    ...children.flatMap((child) => contentOfModel(model, child)),
  ];
}
