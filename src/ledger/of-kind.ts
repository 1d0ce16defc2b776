import type { ResourceKind, ResourceRecord } from './ports';

type OfKind<Kind extends ResourceKind> = Extract<ResourceRecord, { kind: Kind }>;

/** The records of one kind, with its details. */
export function ofKind<Kind extends ResourceKind>(resources: readonly ResourceRecord[], kind: Kind): OfKind<Kind>[] {
  return resources.filter((one): one is OfKind<Kind> => one.kind === kind);
}
