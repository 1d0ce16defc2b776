import type { RemoteDesktop } from '../evidence';
import { keyBelow, numberIn } from './current-hive';
import { attemptHere, reasonOf, type Finding } from './finding';
import { controlSetKey, keyPlace, type Windows } from './windows';

const terminalServer = ['Control', 'Terminal Server'];
const listener = ['WinStations', 'RDP-Tcp'];
const policies = ['Policies', 'Microsoft', 'Windows NT', 'Terminal Services'];
const usualPort = 3389;

/**
 * Remote Desktop's own switches. The policy decides where it is set; where neither is, "remote connections are not
 * allowed" (https://learn.microsoft.com/windows/client-management/mdm/policy-csp-remotedesktopservices, "AllowUsersToConnectRemotely").
 */
export async function readRemoteDesktop(windows: Windows): Promise<Finding<RemoteDesktop>> {
  const { key, place } = await controlSetKey(windows, terminalServer);
  const { hive } = await windows.controlSet();
  const policy = await attemptHere(policyDenies(windows));
  const byPolicy = policy.ok ? policy.value : undefined;
  const denies = byPolicy?.denies ?? (await numberIn(key, 'fDenyTSConnections'));
  const rdpTcp = await keyBelow(key, listener);
  // assumed: a listener whose values are not there is as Windows sets it up.
  const isEnabled = rdpTcp ? ((await numberIn(rdpTcp, 'fEnableWinStation')) ?? 1) !== 0 : false;
  const cautions = [
    ...(rdpTcp ? [] : ['the listener RDP-Tcp does not exist']),
    ...(policy.ok ? [] : [`whether a group policy decides could not be read (${reasonOf(policy.error)})`]),
    ...(byPolicy?.cautions ?? []),
  ];
  return {
    fact: {
      kind: 'remote-desktop',
      enabled: denies === 0,
      byPolicy: byPolicy !== undefined,
      port: (await numberIn(rdpTcp, 'PortNumber')) ?? usualPort,
      listenerEnabled: isEnabled,
    },
    place: byPolicy ? `${place} · ${byPolicy.place}` : place,
    lastWritten: rdpTcp && rdpTcp.lastWritten > key.lastWritten ? rdpTcp.lastWritten : key.lastWritten,
    cautions: [...hive.cautions, ...cautions],
  };
}

async function policyDenies(windows: Windows) {
  const software = await windows.software();
  const denies = await numberIn(await software.hive.findKey(policies), 'fDenyTSConnections');
  return denies === undefined
    ? undefined
    : { denies, place: keyPlace(software, policies), cautions: software.cautions };
}
