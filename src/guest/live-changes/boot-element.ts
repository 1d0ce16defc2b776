import type { Parsed } from '../../windows/parsed';
import type { Change } from '../changes';
import type { GuestCommandResult } from '../command';
import type { BootObject, Evidence } from '../evidence';
import { readBootObject, unknownSafeboot } from '../live-boot';
import { noUndo, nothingToUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';

type DeleteBootElement = Extract<Change, { kind: 'delete-boot-element' }>;

/** Matches at the start of the text only: in multi-line mode `^` matches at every line. */
const startOfText = String.raw`(?<![\s\S])`;

/** A pattern for the row of an element, which may have no value. Names of elements are not translated. */
export function rowOf(element: string): string {
  return String.raw`^${element}(?:[ \t\r]|$)`;
}

/** Value of an element that is not there. */
const absent = 'none';

/**
 * Takes an element away from an object of the boot store. bcdedit ends with 1 whatever went wrong and says it in the
 * machine's language, "Element not found" among it, so the store is enumerated again and that decides.
 */
export function deleteBootElement(change: DeleteBootElement): LiveChange {
  const { object, element } = change;
  const id = object.replaceAll(/[{}]/g, String.raw`\$&`);
  return {
    // /v names the object by its GUID, as we do.
    look: { file: 'bcdedit.exe', arguments: ['/enum', object, '/v'] },
    write: { file: 'bcdedit.exe', arguments: ['/deletevalue', object, element] },
    // The object is shown, and none of its rows is the element's: an error text is no proof that it is gone.
    right: String.raw`${startOfText}(?=[\s\S]*${id})(?![\s\S]*${rowOf(element)})`,
    read: (result) => read(change, result),
    known: (evidence) => known(change, evidence),
    isWanted: (value) => value === absent,
    isDecidedByLooking: true,
    undo(before) {
      if (before === undefined) return noUndo('what it was before could not be read; see the snapshot');
      if (before.value === absent) return nothingToUndo('it was not there');
      if (before.value === String(unknownSafeboot))
        return noUndo('what it was before is no word of bcdedit; see the snapshot');
      return undoBy('bcdedit.exe', '/set', object, element, String(before.value).toLowerCase());
    },
  };
}

function read(change: DeleteBootElement, result: GuestCommandResult | undefined): Parsed<ReadBack> {
  const object = readBootObject(change.object, result);
  return object.ok ? { ok: true, value: readBack(change, object.value) } : object;
}

function readBack(
  { element }: DeleteBootElement,
  { safeboot, alternateShell }: Pick<BootObject, 'safeboot' | 'alternateShell'>,
): ReadBack {
  const value = element === 'safeboot' ? String(safeboot ?? absent) : alternateShell ? 'yes' : absent;
  return { value, text: `${element} = ${value}` };
}

/** The object is the loader itself, or the one that a loader inherits from. */
function known(change: DeleteBootElement, evidence: Evidence[]): ReadBack | undefined {
  const found = evidence
    .filter((item) => item.kind === 'boot-configuration')
    .find(({ next }) => (next.safebootSetIn ?? next.id) === change.object);
  return found && readBack(change, found.next);
}
