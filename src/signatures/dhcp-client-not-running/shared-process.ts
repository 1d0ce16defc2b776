import { serviceConfiguration, type Evidence, type Need } from '../../guest/evidence';
import { isPlainName } from '../../guest/plain-name';
import { isSameAccount } from '../../windows/accounts';
import { isSameName } from '../../windows/console-text';
import type { Reason } from '../define-signature';

/** Services in one process have different accounts (1079): which services, and whose account it is. */

/** More than any group of Windows has; what comes after is not looked at. */
const mostServices = 20;

/** What shows it: first which services are meant for the process, then how each of them is set up. */
export function sharedProcessNeeds(service: string, evidence: Evidence[]): Need[] {
  const group = groupOf(service, evidence);
  if (group === undefined) return [];
  const members = neighboursOf(service, evidence).slice(0, mostServices);
  return [
    { kind: 'service-group', group },
    ...members.filter(isPlainName).map((name): Need => ({ kind: 'service-configuration', service: name })),
  ];
}

/** The neighbours whose account differs, and those whose account is the same. */
export function sharedProcessReasons(service: string, evidence: Evidence[]): Reason[] {
  const own = serviceConfiguration(evidence, service);
  const group = groupOf(service, evidence);
  if (!own || group === undefined) return [];
  // A group names services that are not installed, and some that were moved to a process of their own.
  const sharing = neighboursOf(service, evidence)
    .flatMap((name) => serviceConfiguration(evidence, name) ?? [])
    .filter(
      ({ service: name, type }) => groupOf(name, evidence) === group && type !== undefined && (type & 0x20) !== 0,
    );
  const same = sharing.filter(({ account }) => isSameAccount(account, own.account));
  const different = sharing.filter(({ account }) => !isSameAccount(account, own.account));
  const said = (account: string | undefined) => account ?? 'LocalSystem (none is set)';
  return [
    ...different.map(({ service: name, account, from }) => ({
      text: `${name}, which shares the process “svchost.exe -k ${group}”, has the account ${said(account)}; ${service} has ${said(own.account)}.`,
      from,
    })),
    ...(same.length === 0
      ? []
      : [
          {
            text: `The same account as ${service} (${said(own.account)}) have in this process: ${same.map(({ service: name }) => name).join(', ')}.`,
            from: own.from,
          },
        ]),
  ];
}

/** The group of `svchost.exe -k <group>`, if the service runs in one. */
function groupOf(service: string, evidence: Evidence[]): string | undefined {
  const program = serviceConfiguration(evidence, service)?.imagePath ?? '';
  const group = /\\svchost(?:\.exe)?"?[ \t]+-k[ \t]+([!-~]{1,64})/i.exec(program)?.[1];
  return group !== undefined && isPlainName(group) ? group : undefined;
}

function neighboursOf(service: string, evidence: Evidence[]): string[] {
  const group = groupOf(service, evidence);
  const read = evidence.filter((item) => item.kind === 'service-group').find((item) => item.group === group);
  return read?.services.filter((name) => !isSameName(name, service)) ?? [];
}
