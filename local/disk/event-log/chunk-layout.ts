/** Sizes of an event log. Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc". */

/** The first block of the file, of which 128 bytes carry meaning. */
export const fileHeaderSize = 4096;
export const chunkSize = 65_536;
/** A chunk's header with its two tables; records begin behind it. */
export const headerSize = 512;
/** Tables in a chunk's header: where they start, and how many places of four bytes they have. */
export const nameBuckets = { start: 128, count: 64 } as const;
export const templateBuckets = { start: 384, count: 32 } as const;
