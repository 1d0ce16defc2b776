import { UnreadableError, type ByteSource } from '../byte-source';
import { sourceOf } from './attribute-content';
import { readAttributeList } from './attribute-list';
import { ATTRIBUTE, type Attribute, type FileRecord } from './file-record';
import type { MasterFileTable } from './master-file-table';

/**
 * All parts of the attribute of this type and name, whether they lie in the file's record or in others that its
 * attribute list leads to; none if the file has no such attribute. No read without an attribute list, else one for the
 * list, if it lies outside, and at most one for each further record.
 */
export async function findAttribute(
  table: MasterFileTable,
  record: FileRecord,
  type: number,
  name = '',
): Promise<Attribute[]> {
  const isWanted = (attribute: { type: number; name: string }) => attribute.type === type && attribute.name === name;
  const list = record.attributes.find((attribute) => attribute.type === ATTRIBUTE.attributeList);
  const own = record.attributes.filter(isWanted);
  if (!list) return own;
  const entries = await readAttributeList(table.volume, table.geometry, list);
  const wanted = entries.filter(isWanted);
  const elsewhere = wanted.filter(({ reference }) => reference.number !== record.reference.number);
  const references = new Map(elsewhere.map(({ reference }) => [reference.number, reference]));
  const parts = [...own];
  for (const reference of references.values()) {
    const extension = await table.readRecord(reference);
    if (extension.base?.number !== record.reference.number)
      throw new UnreadableError(
        'damaged',
        `file record ${reference.number} does not extend ${record.reference.number}`,
      );
    parts.push(...extension.attributes.filter(isWanted));
  }
  if (parts.length < wanted.length)
    throw new UnreadableError(
      'damaged',
      `file record ${record.reference.number} lists ${wanted.length} parts of an attribute, and ${parts.length} are there`,
    );
  return parts;
}

/** The value of an attribute as a source, or nothing if the file does not have it. Reads as `findAttribute`. */
export async function attributeSource(
  table: MasterFileTable,
  record: FileRecord,
  type: number,
  name = '',
): Promise<ByteSource | undefined> {
  const parts = await findAttribute(table, record, type, name);
  return parts.length === 0 ? undefined : sourceOf(parts, table.volume, table.geometry);
}
