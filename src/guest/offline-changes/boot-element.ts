import type { Change } from '../changes';
import { commandLine } from '../command';
import { unknownSafeboot } from '../live-boot';
import { deleteBootElement, rowOf } from '../live-changes/boot-element';
import type { OfflineChange, OfflineTarget } from './offline-change';

/** Takes an element away from an object of the disk's own boot store, which is named in every command. */
export function deleteBootElementOffline(
  change: Extract<Change, { kind: 'delete-boot-element' }>,
  { disk: { bootStore } }: OfflineTarget,
): OfflineChange {
  const { object, element } = change;
  const live = deleteBootElement(change);
  const inStore = (...rest: string[]) => ({ file: 'bcdedit.exe', arguments: ['/store', bootStore, ...rest] });
  return {
    kind: 'writes',
    writes: [
      {
        where: 'boot store',
        look: inStore(...live.look.arguments),
        write: inStore(...live.write.arguments),
        there: rowOf(element),
        right: live.right,
        read: (result) => live.read(result),
        isWanted: (value) => live.isWanted(value),
        undo: (before) => live.undo(before),
        undoOffline: ({ value }) =>
          value === String(unknownSafeboot)
            ? undefined
            : commandLine(inStore('/set', object, element, String(value).toLowerCase())),
      },
    ],
  };
}
