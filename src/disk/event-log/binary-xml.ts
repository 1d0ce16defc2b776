/**
 * Binary XML to a tree with holes: what a template says, not yet what its values are (expand.ts fills them in).
 * Grammar: [MS-EVEN6] 2.2.12 (https://learn.microsoft.com/openspecs/windows_protocols/ms-even6/e6fc7c72-b8c0-475b-aef7-25eaf1a64530);
 * how it lies in a file (names and templates by their place in the chunk, the dependency identifier): libyal/libevtx,
 * "documentation/Windows XML Event Log (EVTX).asciidoc", "Binary XML".
 */
import { UnreadableError } from '../byte-source';
import type { TypedValue } from './values';

/** Content of a template or of a fragment without one. */
export type XmlPattern =
  | { kind: 'text'; text: string }
  | { kind: 'substitution'; index: number; isOptional: boolean }
  | ElementPattern
  | { kind: 'template-instance'; content: XmlPattern[]; values: TypedValue[] };

export interface ElementPattern {
  kind: 'element';
  name: string;
  attributes: { name: string; content: XmlPattern[] }[];
  content: XmlPattern[];
}

/** What the records of one chunk share while they are read. */
export interface ChunkXml {
  chunk: Buffer;
  /** Templates by the place of their definition. */
  templates: Map<number, XmlPattern[]>;
  /**
   * Steps that may still be taken. A few bytes can say "this template, with that one in each of its thousand places",
   * so the work is bounded, not only the depth.
   */
  stepsLeft: number;
}

interface Cursor {
  offset: number;
  /** The first byte that is not part of what is read. */
  end: number;
}

/** Events of Windows nest about six deep; templates and elements both count. */
const deepest = 64;

const token = {
  endOfFragment: 0x00,
  openElement: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  characterReference: 0x08,
  entityReference: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  templateInstance: 0x0c,
  normalSubstitution: 0x0d,
  optionalSubstitution: 0x0e,
  fragmentHeader: 0x0f,
} as const;
/** On an element: it has attributes. On the others: more of the same follows, which the next token says as well. */
const moreFlag = 0x40;

const entities: Partial<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads the fragment from `start` to `end` of the chunk, which stands `depth` deep in others. Throws an UnreadableError
 * on anything malformed or too much.
 */
export function parseFragment(xml: ChunkXml, start: number, end: number, depth: number): XmlPattern[] {
  return parseContent(xml, { offset: start, end }, { depth, closedBy: token.endOfFragment });
}

/** Counts work against the chunk's bound; text counts by its length. */
export function spend(xml: ChunkXml, steps: number): void {
  xml.stepsLeft -= steps;
  if (xml.stepsLeft < 0) throw new UnreadableError('too-large', 'events that unfold to more than any event needs');
}

/** Throws if `depth` is deeper than events go. */
export function checkDepth(depth: number): void {
  if (depth > deepest) throw new UnreadableError('too-deep', `XML nested deeper than ${deepest}`);
}

/**
 * What stands before the token that closes it. Only a fragment may end without: what stands directly in a value has its
 * size.
 */
function parseContent(
  xml: ChunkXml,
  cursor: Cursor,
  { depth, closedBy }: { depth: number; closedBy: typeof token.endOfFragment | typeof token.endElement },
): XmlPattern[] {
  checkDepth(depth);
  const content: XmlPattern[] = [];
  // Every turn takes at least one byte.
  while (cursor.offset < cursor.end) {
    const kind = takeUInt8(xml, cursor);
    if (kind === closedBy) return content;
    const pattern = parsePattern(xml, cursor, kind, depth);
    if (pattern) content.push(pattern);
  }
  if (closedBy === token.endElement) throw damaged('an element that is not closed');
  return content;
}

/** One piece of content; undefined for what leaves nothing behind (processing instructions, fragment headers). */
function parsePattern(xml: ChunkXml, cursor: Cursor, kind: number, depth: number): XmlPattern | undefined {
  spend(xml, 1);
  switch (kind & ~moreFlag) {
    case token.openElement:
      return parseElement(xml, cursor, { hasAttributes: (kind & moreFlag) !== 0, depth });
    case token.templateInstance:
      return parseTemplateInstance(xml, cursor, depth);
    case token.fragmentHeader:
      skip(cursor, 3);
      return undefined;
    case token.instructionTarget:
      takeName(xml, cursor);
      return undefined;
    case token.instructionData:
      takeText(xml, cursor);
      return undefined;
    default:
      return parseText(xml, cursor, kind);
  }
}

/** What may stand in an attribute as well as in content. */
function parseText(xml: ChunkXml, cursor: Cursor, kind: number): XmlPattern {
  switch (kind & ~moreFlag) {
    case token.value:
      if (takeUInt8(xml, cursor) !== 0x01) throw damaged('text that is not a string');
      return { kind: 'text', text: takeText(xml, cursor) };
    case token.cdata:
      return { kind: 'text', text: takeText(xml, cursor) };
    case token.characterReference:
      return { kind: 'text', text: String.fromCharCode(takeUInt16(xml, cursor)) };
    case token.entityReference: {
      const name = takeName(xml, cursor);
      // Never looked up anywhere: an entity that XML does not define by itself stays as it is written.
      return { kind: 'text', text: entities[name] ?? `&${name};` };
    }
    case token.normalSubstitution:
    case token.optionalSubstitution: {
      const index = takeUInt16(xml, cursor);
      skip(cursor, 1);
      return { kind: 'substitution', index, isOptional: (kind & ~moreFlag) === token.optionalSubstitution };
    }
    default:
      throw damaged(`token 0x${kind.toString(16)} where content is due`);
  }
}

function parseElement(
  xml: ChunkXml,
  cursor: Cursor,
  { hasAttributes, depth }: { hasAttributes: boolean; depth: number },
): ElementPattern {
  if (hasDependencyId(xml, cursor)) skip(cursor, 2);
  skip(cursor, 4);
  const name = takeName(xml, cursor);
  if (hasAttributes) skip(cursor, 4);
  const attributes: ElementPattern['attributes'] = [];
  for (;;) {
    const kind = takeUInt8(xml, cursor);
    if (kind === token.closeEmpty) return { kind: 'element', name, attributes, content: [] };
    if (kind === token.closeStart) break;
    if ((kind & ~moreFlag) !== token.attribute) throw damaged(`token 0x${kind.toString(16)} in a start tag`);
    spend(xml, 1);
    attributes.push({ name: takeName(xml, cursor), content: parseAttributeValue(xml, cursor) });
  }
  const content = parseContent(xml, cursor, { depth: depth + 1, closedBy: token.endElement });
  return { kind: 'element', name, attributes, content };
}

/**
 * Whether a dependency identifier (16 bits) stands before the element's size (32 bits). In a template it does. Where an
 * element stands directly in a value (libevtx, "Element start"), or in a record that was forwarded from another machine
 * (https://github.com/log2timeline/plaso/issues/4876, https://github.com/Velocidex/evtx/pull/30), it does not, and
 * nothing says so. An element is shorter than its chunk of 64 KiB and its name lies in it, so only a size that stands
 * here has an upper half of zero and the place of a name behind it.
 */
function hasDependencyId({ chunk }: ChunkXml, { offset, end }: Cursor): boolean {
  if (offset + 8 > end) return false;
  return chunk.readUInt16LE(offset + 2) !== 0 || chunk.readUInt32LE(offset + 4) >= chunk.length;
}

function parseAttributeValue(xml: ChunkXml, cursor: Cursor): XmlPattern[] {
  const content: XmlPattern[] = [];
  const ends: number[] = [token.attribute, token.attribute | moreFlag, token.closeStart, token.closeEmpty];
  while (cursor.offset < cursor.end && !ends.includes(xml.chunk.readUInt8(cursor.offset))) {
    spend(xml, 1);
    content.push(parseText(xml, cursor, takeUInt8(xml, cursor)));
  }
  return content;
}

/**
 * The definition stands here the first time and is referred to afterwards; the values follow. The definition's own
 * header: the place of the next one, a GUID, the size of its content.
 */
function parseTemplateInstance(xml: ChunkXml, cursor: Cursor, depth: number): XmlPattern {
  skip(cursor, 5);
  const definition = takeUInt32(xml, cursor);
  const contentStart = definition + 24;
  if (contentStart > xml.chunk.length) throw damaged('a template outside its chunk');
  const contentEnd = contentStart + xml.chunk.readUInt32LE(definition + 20);
  if (contentEnd > xml.chunk.length) throw damaged('a template that does not fit its chunk');
  if (definition === cursor.offset) skip(cursor, contentEnd - definition);
  let content = xml.templates.get(definition);
  if (!content) {
    content = parseFragment(xml, contentStart, contentEnd, depth + 1);
    xml.templates.set(definition, content);
  }
  return { kind: 'template-instance', content, values: takeValues(xml, cursor) };
}

function takeValues(xml: ChunkXml, cursor: Cursor): TypedValue[] {
  const count = takeUInt32(xml, cursor);
  if (count > (cursor.end - cursor.offset) / 4) throw damaged('more values than fit');
  spend(xml, count);
  let descriptor = cursor.offset;
  skip(cursor, count * 4);
  const values: TypedValue[] = [];
  while (values.length < count) {
    const size = xml.chunk.readUInt16LE(descriptor);
    const offset = cursor.offset;
    skip(cursor, size);
    values.push({
      type: xml.chunk.readUInt8(descriptor + 2),
      bytes: xml.chunk.subarray(offset, offset + size),
      offset,
    });
    descriptor += 4;
  }
  return values;
}

/** A name by its place in the chunk; where that is right here, it is stepped over. */
function takeName(xml: ChunkXml, cursor: Cursor): string {
  const place = takeUInt32(xml, cursor);
  if (place + 8 > xml.chunk.length) throw damaged('a name outside its chunk');
  const textStart = place + 8;
  const textEnd = textStart + 2 * xml.chunk.readUInt16LE(place + 6);
  if (textEnd + 2 > xml.chunk.length) throw damaged('a name that does not fit its chunk');
  if (place === cursor.offset) skip(cursor, textEnd + 2 - place);
  return unicode(xml, textStart, textEnd);
}

/** A counted string. */
function takeText(xml: ChunkXml, cursor: Cursor): string {
  const start = cursor.offset + 2;
  const end = start + 2 * takeUInt16(xml, cursor);
  skip(cursor, end - start);
  return unicode(xml, start, end);
}

function unicode(xml: ChunkXml, start: number, end: number): string {
  spend(xml, 1 + ((end - start) >>> 3));
  return xml.chunk.toString('utf16le', start, end);
}

function takeUInt8(xml: ChunkXml, cursor: Cursor): number {
  skip(cursor, 1);
  return xml.chunk.readUInt8(cursor.offset - 1);
}

function takeUInt16(xml: ChunkXml, cursor: Cursor): number {
  skip(cursor, 2);
  return xml.chunk.readUInt16LE(cursor.offset - 2);
}

function takeUInt32(xml: ChunkXml, cursor: Cursor): number {
  skip(cursor, 4);
  return xml.chunk.readUInt32LE(cursor.offset - 4);
}

function skip(cursor: Cursor, length: number): void {
  if (length > cursor.end - cursor.offset) throw damaged('binary XML ends in the middle');
  cursor.offset += length;
}

function damaged(detail: string): UnreadableError {
  return new UnreadableError('damaged', detail);
}
