import { linesOf, trimBlanks } from './console-text';
import { parsed, unreadable, type Parsed } from './parsed';

/** One object of a boot configuration store, as `bcdedit /enum` prints it. */
export interface BcdObject {
  /** `{guid}` or an alias such as `{current}`, in lower case. */
  id: string;
  /** Values by element name in lower case; an element with several has them in order. */
  elements: Map<string, string[]>;
}

// Layout: a heading underlined with hyphens, then rows of a name, blanks up to column 24, and the value; further values
// of the same element stand below with the name left out. Headings and the name of the first row are translated, the
// names of elements are not.
// https://learn.microsoft.com/windows-hardware/drivers/devtest/bcdedit--enum
const underline = /^-{3,}$/;
/** The first row below an underline. Its name is any bytes, of one or several words; the identifier is ASCII. */
const identifierRow = /^[^ \t]+(?: [^ \t]+)*[ \t]+(\{[!-z|~]{1,64}\})$/;
/** Any other row; an element may be there without a value. A value is any bytes. */
const elementRow = /^([A-Za-z][A-Za-z0-9:_-]{0,63})(?:[ \t]+([^ \t][^]*))?$/;
const furtherValue = /^[ \t]{8,}([^ \t][^]*)$/;

/** More objects or values than any store holds; what comes after is not read. */
const mostObjects = 200;
const mostValues = 200;

/**
 * Reads the output of `bcdedit /enum`: every object whose first row holds an identifier. A text without a single object
 * is a failure: bcdedit prints its errors to the same place.
 */
export function parseBcdEnum(text: string): Parsed<BcdObject[]> {
  const objects: BcdObject[] = [];
  let current: BcdObject | undefined;
  let expectsIdentifier = false;
  let values: string[] | undefined;
  const lines = linesOf(text).map(withoutBlanksAtEnd);
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    if (underline.test(line)) {
      current = undefined;
      values = undefined;
      expectsIdentifier = true;
      continue;
    }
    // A heading such as "Device options" is no row of the object before it.
    if (underline.test(lines[index + 1] ?? '')) continue;
    if (expectsIdentifier) {
      // Whatever it holds: no row after the first names the object.
      expectsIdentifier = false;
      const id = identifierRow.exec(line)?.[1];
      if (id === undefined) continue;
      if (objects.length >= mostObjects) return unreadable(`there are more than ${mostObjects} objects`);
      current = { id: id.toLowerCase(), elements: new Map() };
      objects.push(current);
      continue;
    }
    const further = furtherValue.exec(line);
    if (further) {
      if (values && values.length < mostValues) values.push(further[1] ?? '');
      continue;
    }
    const [, name, value] = elementRow.exec(line) ?? [];
    values = undefined;
    if (!current || name === undefined) continue;
    values = [value ?? ''];
    current.elements.set(name.toLowerCase(), values);
  }
  return objects.length === 0 ? unreadable('no boot entry is in the output') : parsed(objects);
}

/** Blanks before a row stay: they say that it is a further value. */
function withoutBlanksAtEnd(line: string): string {
  return trimBlanks(`|${line}`).slice(1);
}

/** The one value of an element, or undefined. */
export function bcdElement(object: BcdObject, name: string): string | undefined {
  return object.elements.get(name)?.[0];
}
