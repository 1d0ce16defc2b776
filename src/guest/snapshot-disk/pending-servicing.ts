import type { PendingServicing } from '../evidence';
import { keyBelow } from './current-hive';
import type { Finding } from './finding';
import { hasFile } from './partitioned-disk';
import { keyPlace, type Windows } from './windows';

const servicing = ['Microsoft', 'Windows', 'CurrentVersion', 'Component Based Servicing'];

/**
 * Servicing that waits for a boot or is stuck in one, by the signs that Azure's own script goes by
 * (Azure/repair-script-library:src/windows/win-fix-pending-servicing.ps1). `SessionsPending` is no such sign: healthy
 * installations have it.
 */
export async function readPendingServicing(windows: Windows): Promise<Finding<PendingServicing>> {
  const pendingPath = String.raw`${windows.root}\WinSxS\pending.xml`;
  const [pendingXml, software] = await Promise.all([hasFile(windows.files, pendingPath), windows.software()]);
  const key = await software.hive.findKey(servicing);
  const has = async (name: string) => key !== undefined && (await keyBelow(key, [name])) !== undefined;
  return {
    fact: {
      kind: 'pending-servicing',
      pendingXml,
      packagesPending: await has('PackagesPending'),
      rebootPending: await has('RebootPending'),
      rebootInProgress: await has('RebootInProgress'),
    },
    place: `${pendingPath} · ${keyPlace(software, servicing)}`,
    ...(key ? { lastWritten: key.lastWritten } : {}),
    cautions: software.cautions,
  };
}
