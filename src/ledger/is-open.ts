import type { ResourceRecord } from './ports';

/** Whether a record is open: something that we made, or brought a VM into, for a time, and that nobody has seen gone. */
export function isOpen({ lifetime, deletedAt }: Pick<ResourceRecord, 'lifetime' | 'deletedAt'>): boolean {
  return lifetime === 'temporary' && deletedAt === undefined;
}
