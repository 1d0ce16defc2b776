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
const row = /^(\S+(?: \S+)*) {2,}(\S[^]*)$|^(\S+) (\S[^]*)$/;
const furtherValue = /^ {8,}(\S[^]*)$/;
const identifier = /^\{[^{}\s]{1,64}\}$/;

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
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trimEnd();
    if (underline.test(line)) {
      current = undefined;
      values = undefined;
      expectsIdentifier = true;
      continue;
    }
    const further = furtherValue.exec(line);
    if (further && values) {
      if (values.length < mostValues) values.push(further[1] ?? '');
      continue;
    }
    const match = row.exec(line);
    if (!match) continue;
    const name = (match[1] ?? match[3] ?? '').toLowerCase();
    const value = match[2] ?? match[4] ?? '';
    if (expectsIdentifier) {
      expectsIdentifier = false;
      if (!identifier.test(value)) continue;
      if (objects.length >= mostObjects) return unreadable(`there are more than ${mostObjects} objects`);
      current = { id: value.toLowerCase(), elements: new Map() };
      objects.push(current);
      continue;
    }
    if (!current) continue;
    values = [value];
    current.elements.set(name, values);
  }
  return objects.length === 0 ? unreadable('no boot entry is in the output') : parsed(objects);
}

/** The one value of an element, or undefined. */
export function bcdElement(object: BcdObject, name: string): string | undefined {
  return object.elements.get(name)?.[0];
}
