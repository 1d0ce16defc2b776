/**
 * Fills the values of template instances in: patterns become elements with text.
 * Rules: [MS-EVEN6] 3.1.4.7.2 (an optional substitution without value takes its element or attribute with it,
 * https://msdn.microsoft.com/library/cc231336.aspx), 3.1.4.7.4 (embedded binary XML), and for arrays (the element is
 * repeated) libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Normal substitution".
 */
import { UnreadableError } from '../byte-source';
import { checkDepth, parseFragment, spend, type ChunkXml, type ElementPattern, type XmlPattern } from './binary-xml';
import { arrayItems, binaryXmlType, isArray, nullType, valueText, type TypedValue } from './values';

export interface XmlElement {
  name: string;
  attributes: { name: string; value: string }[];
  children: (XmlElement | string)[];
}

/** What the patterns are with their values. Throws an UnreadableError on damaged values or if it unfolds to too much. */
export function expand(
  xml: ChunkXml,
  patterns: XmlPattern[],
  values: TypedValue[] = [],
  depth = 0,
): (XmlElement | string)[] {
  checkDepth(depth);
  return patterns.flatMap((pattern) => expandPattern(xml, pattern, values, depth));
}

function expandPattern(
  xml: ChunkXml,
  pattern: XmlPattern,
  values: TypedValue[],
  depth: number,
): (XmlElement | string)[] {
  spend(xml, 1);
  switch (pattern.kind) {
    case 'text':
      return [pattern.text];
    case 'substitution':
      return expandValue(xml, valueAt(values, pattern.index), depth);
    case 'element':
      return expandElement(xml, pattern, values, depth);
    case 'template-instance':
      return expand(xml, pattern.content, pattern.values, depth + 1);
  }
}

/** The value of a template's hole. None at all, also no null, is damage. */
function valueAt(values: TypedValue[], index: number): TypedValue {
  const value = values[index];
  if (!value) throw new UnreadableError('damaged', `a template asks for value ${index} of ${values.length}`);
  return value;
}

function expandValue(xml: ChunkXml, value: TypedValue, depth: number): (XmlElement | string)[] {
  spend(xml, 1 + (value.bytes.length >>> 3));
  if (value.type !== binaryXmlType) return [valueText(value)];
  const end = value.offset + value.bytes.length;
  const content = parseFragment(xml, value.offset, end, depth + 1);
  return expand(xml, content, [], depth + 1);
}

/** None if an optional value is missing, several for an array, else one. */
function expandElement(xml: ChunkXml, pattern: ElementPattern, values: TypedValue[], depth: number): XmlElement[] {
  if (lacksValue(pattern.content, values)) return [];
  const attributes = pattern.attributes
    .filter(({ content }) => !lacksValue(content, values))
    .map(({ name, content }) => ({ name, value: textOf(expand(xml, content, values, depth + 1)) }));
  const array = pattern.content.find((content) => isArraySubstitution(content, values));
  if (array?.kind !== 'substitution') {
    return [{ name: pattern.name, attributes, children: expand(xml, pattern.content, values, depth + 1) }];
  }
  const items = arrayItems(valueAt(values, array.index));
  // Each item gets the other values as well, for what else stands in the element.
  spend(xml, items.length * (1 + attributes.length + (values.length >>> 3)));
  if (items.length === 0) return [{ name: pattern.name, attributes, children: [] }];
  return items.map((item) => {
    const itemValues = values.with(array.index, item);
    return { name: pattern.name, attributes, children: expand(xml, pattern.content, itemValues, depth + 1) };
  });
}

function lacksValue(content: XmlPattern[], values: TypedValue[]): boolean {
  return content.some(
    (pattern) =>
      pattern.kind === 'substitution' && pattern.isOptional && valueAt(values, pattern.index).type === nullType,
  );
}

function isArraySubstitution(pattern: XmlPattern, values: TypedValue[]): boolean {
  if (pattern.kind !== 'substitution') return false;
  return isArray(valueAt(values, pattern.index));
}

/** The text in a list of children, without that of the elements among them. */
export function textOf(children: (XmlElement | string)[]): string {
  return children.filter((child) => typeof child === 'string').join('');
}
