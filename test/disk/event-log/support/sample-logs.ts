/** The logs that are committed as images, with the answers of a reader that we did not write. */
import { writeLog } from './evtx-writer';
import {
  arrayData,
  literalData,
  sampleEvent,
  serviceEvent,
  stringArray,
  typedValues,
  valuesData,
} from './sample-events';

/** Chunk `n` (from 0) has three events, at the full hours 3n, 3n+1, 3n+2 of 2024-03-01; record ids from 1. */
export function chunkOfHours(n: number) {
  return { events: [0, 1, 2].map((index) => serviceEvent(3 * n + index + 1, hour(3 * n + index), `S${n}-${index}`)) };
}

export function hour(count: number): string {
  return new Date(Date.UTC(2024, 2, 1) + count * 3_600_000).toISOString();
}

/** By the name of the image. */
export const sampleLogs: Record<string, () => Buffer> = {
  'several-chunks': () => writeLog({ slots: [0, 1, 2, 3].map(chunkOfHours) }),
  circular: () => writeLog({ slots: [4, 5, 2, 3].map(chunkOfHours) }),
  'dirty-header': () =>
    writeLog({
      slots: [0, 1, 2, 3].map(chunkOfHours),
      isDirty: true,
      header: { newestSlot: 0, nextRecordId: 4, chunkCount: 1 },
    }),
  'no-checksums': () => writeLog({ slots: [4, 5, 2, 3].map(chunkOfHours), hasNoChecksums: true }),
  'value-types': () =>
    writeLog({
      slots: [
        {
          events: [
            sampleEvent({
              recordId: 1,
              time: hour(0),
              provider: 'Types',
              userSid: 'S-1-5-18',
              data: valuesData(typedValues),
            }),
            sampleEvent({ recordId: 2, time: hour(1), provider: 'Types', data: literalData() }),
            sampleEvent({ recordId: 3, time: hour(2), provider: 'Types', data: arrayData(stringArray) }),
            sampleEvent({ recordId: 4, time: hour(3), provider: 'Types', data: valuesData(typedValues) }),
          ],
        },
      ],
    }),
};
