import { z } from 'zod';
import { evidenceItem } from '../guest/evidence-schemas';
import type { RepairDetail } from '../ledger/ports';
import type { WayBack } from './az';

/**
 * What puts another disk, or an older state of one, under the VM is nothing for a domain controller: with an older directory on it
 * the others replicate no more, and nothing says so.
 */

/** https://learn.microsoft.com/troubleshoot/windows-server/active-directory/detect-and-recover-from-usn-rollback */
const why =
  'An older disk brings back an older directory, and the other domain controllers then take nothing from it any more (USN rollback).';

/** The ways as they are; for a domain controller one sentence in their place, and where it is not known whether it is one a warning. */
export function diskLevelUndo(detail: RepairDetail, ways: readonly WayBack[]): WayBack[] {
  if (ways.length === 0) return [];
  switch (directoryRoleOf(detail)) {
    case 'none':
      return [...ways];
    case 'domain-controller': {
      const note = `Windows is a domain controller, so its disk is neither put back nor restored from a snapshot. ${why}`;
      return [{ undoes: 'what was done to the OS disk', commands: [], note }];
    }
    case 'not-known': {
      const warning = `Not on a domain controller, and whether Windows is one is not known here. ${why}`;
      return ways.map((way) => ({ ...way, note: way.note === undefined ? warning : `${way.note} ${warning}` }));
    }
  }
}

const document = z.object({ evidence: z.array(evidenceItem) });

/** As far as any source has read it. */
function directoryRoleOf({ documents }: RepairDetail): 'domain-controller' | 'none' | 'not-known' {
  const read = Object.entries(documents)
    .filter(([name]) => name.startsWith('evidence-'))
    .flatMap(([, value]) => document.safeParse(value).data?.evidence ?? [])
    .filter((fact) => fact.kind === 'windows-installation');
  if (read.some(({ isDomainController }) => isDomainController)) return 'domain-controller';
  return read.length > 0 ? 'none' : 'not-known';
}
