/** What safe mode lets run, read from the lists in the control set that is in use. */
import type { SafeMode } from './boot-manager';
import type { DiskContent } from './content';
import type { ServiceConfiguration } from './service-configuration';

/**
 * Whether a service or driver may run. Listed is its name, its file's name or, for a driver, its group. In DsRepair all
 * may but Active Directory itself: Microsoft describes Remote Desktop to a domain controller in that mode
 * (https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc794729(v=ws.10)), for
 * which no list could be the Network one. assumed: the agent then runs as well.
 */
export function mayRun(
  content: DiskContent,
  controlSet: string,
  mode: SafeMode | undefined,
  service: ServiceConfiguration,
): boolean {
  if (mode === undefined) return true;
  if (mode === 'DsRepair') return service.name.toLowerCase() !== 'ntds';
  const list = `${controlSet}\\Control\\SafeBoot\\${mode}`;
  const isListed = (name: string) => name !== '' && content.hasKey(`${list}\\${name}`);
  if (isListed(service.name)) return true;
  const isDriver = service.type < 0x10;
  return isDriver && (isListed(service.imagePath.split('\\').at(-1) ?? '') || isListed(service.group));
}
