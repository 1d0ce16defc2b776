/** Where a snapshot's bytes are: the one place that knows. */
import type { ByteStore } from '../../disk/byte-store';
import type { Snapshot } from '../world';

/** The disk as it was when the snapshot was asked for, without the VHD's footer. Read-only. */
export function bytesOf(snapshot: Snapshot): ByteStore {
  return snapshot.bytes;
}
