import type { Evidence } from '../../../../src/guest/evidence';
import type { DiskReading } from '../../../../src/guest/snapshot-disk';

/** The item of a kind; fails the test if the disk was unreadable or says nothing of that kind. */
export function itemOf<Kind extends Evidence['kind']>(
  reading: DiskReading,
  kind: Kind,
): Extract<Evidence, { kind: Kind }> {
  const evidence = reading.kind === 'read' ? reading.evidence : [];
  const item = evidence.find((one): one is Extract<Evidence, { kind: Kind }> => one.kind === kind);
  if (!item) throw new Error(`no ${kind} in ${JSON.stringify(reading)}`);
  return item;
}
