import { parseListeners } from '../windows/netstat';
import type { Parsed } from '../windows/parsed';
import { parseDword, parseRegQuery, singleValue } from '../windows/reg-query';
import {
  commandLine,
  nativeCommand as command,
  outputOf,
  resultOf,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from './command';
import { securedKeys, type Evidence, type Fact, type Need, type Source } from './evidence';
import { readBootConfiguration, readBootMode, readBootObject, safeBootKey } from './live-boot';
import { readInstallation, renderInstallation } from './live-installation';
import { readKeySecurity, readServiceSecurity, renderKeySecurity, renderServiceSecurity } from './live-security';
import { isPlainName } from './plain-name';
import { readServiceEvents, renderServiceEvents } from './live-service-events';
import {
  readServiceConfiguration,
  readServiceGroup,
  readServiceStatus,
  renderServiceConfiguration,
  renderServiceGroup,
  renderServiceStatus,
} from './live-services';

/**
 * Renders needs into native command lines for a *running* Windows, and reads the answers. What is rendered here is all
 * that we ever ask a running guest; what we write in it stands in `live-changes/`.
 */

const rdpKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp`;

const liveKinds = {
  'service-configuration': true,
  'service-status': true,
  'service-events': true,
  'service-security': true,
  'service-group': true,
  'key-security': true,
  'rdp-listener': true,
  'boot-configuration': true,
  'boot-mode': true,
  'boot-object': true,
  'windows-installation': true,
} as const satisfies Partial<Record<Need['kind'], true>>;

/** The needs that a running Windows can answer by commands. */
export type LiveNeed = Extract<Need, { kind: keyof typeof liveKinds }>;

/**
 * Whether commands in the running guest can answer this need. Names in it become part of a command, and some were told by
 * the guest itself: one that is not plain is asked for by none.
 */
export function canReadLive(need: Need): need is LiveNeed {
  if ('service' in need) return isPlainName(need.service);
  if ('group' in need) return isPlainName(need.group);
  if ('key' in need) return securedKeys.includes(need.key);
  return need.kind in liveKinds;
}

/** The commands that read these needs; what several of them want is asked once. */
export function renderNeeds(needs: LiveNeed[]): GuestCommand[] {
  const commands = needs.flatMap(renderNeed);
  return [...new Map(commands.map((one) => [one.id, one])).values()];
}

function renderNeed(need: LiveNeed): GuestCommand[] {
  switch (need.kind) {
    case 'service-configuration':
      return [renderServiceConfiguration(need.service)];
    case 'service-status':
      return [renderServiceStatus(need.service)];
    case 'service-events':
      return renderServiceEvents(need.service);
    case 'service-security':
      return renderServiceSecurity(need.service);
    case 'service-group':
      return [renderServiceGroup(need.group)];
    case 'key-security':
      return [renderKeySecurity(need.key)];
    case 'rdp-listener':
      return [
        command('rdp-port', 'reg.exe', 'query', rdpKey, '/v', 'PortNumber'),
        command('tcp-listeners', 'netstat.exe', '-ano', '-p', 'TCP'),
      ];
    case 'boot-configuration':
      // /v names every object by its GUID: `{current}` and `{default}` mean something on this machine only.
      return [
        command('boot-manager', 'bcdedit.exe', '/enum', '{bootmgr}', '/v'),
        command('boot-loaders', 'bcdedit.exe', '/enum', 'osloader', '/v'),
      ];
    case 'boot-mode':
      return [
        command('safe-boot', 'reg.exe', 'query', safeBootKey),
        command('safe-boot-option', 'reg.exe', 'query', `${safeBootKey}\\Option`, '/v', 'OptionValue'),
      ];
    case 'boot-object':
      return [command(`boot-object:${need.object}`, 'bcdedit.exe', '/enum', need.object, '/v')];
    case 'windows-installation':
      return renderInstallation();
  }
}

/** The evidence that the answers hold: one item for each need, unreadable ones with the reason. */
export function readNeeds(needs: LiveNeed[], answer: GuestAnswer, source: Source): Evidence[] {
  return needs.map((need) => {
    const place = renderNeeds([need]).map(commandLine).join(' · ');
    const { caution, ...value } = readNeed(need, answer);
    const from = { source, place, readAt: answer.startedAt, ...(caution === undefined ? {} : { caution }) };
    return value.ok ? { ...value.value, from } : { kind: 'unreadable' as const, need, reason: value.reason, from };
  });
}

function readNeed(need: LiveNeed, answer: GuestAnswer): Parsed<Fact> & { caution?: string } {
  switch (need.kind) {
    case 'service-configuration':
      return readServiceConfiguration(need.service, answer);
    case 'service-status':
      return readServiceStatus(need.service, answer);
    case 'service-events':
      return readServiceEvents(need.service, answer);
    case 'service-security':
      return readServiceSecurity(need.service, answer);
    case 'service-group':
      return readServiceGroup(need.group, answer);
    case 'key-security':
      return readKeySecurity(need.key, answer);
    case 'rdp-listener':
      return readRdpListener(resultOf(answer, 'rdp-port'), resultOf(answer, 'tcp-listeners'));
    case 'boot-configuration':
      return readBootConfiguration(resultOf(answer, 'boot-manager'), resultOf(answer, 'boot-loaders'));
    case 'boot-mode':
      return readBootMode(answer.bootedAt, resultOf(answer, 'safe-boot'), resultOf(answer, 'safe-boot-option'));
    case 'boot-object':
      return readBootObject(need.object, resultOf(answer, `boot-object:${need.object}`));
    case 'windows-installation':
      return readInstallation(answer);
  }
}

/** Addresses that only the guest itself reaches. */
const loopback = /^(?:127\.|\[::1\]$)/;

function readRdpListener(portResult: GuestCommandResult | undefined, listenersResult: GuestCommandResult | undefined) {
  const portOutput = outputOf(portResult);
  if (!portOutput.ok) return portOutput;
  const values = parseRegQuery(portOutput.value);
  if (!values.ok) return values;
  const portValue = singleValue(values.value, 'PortNumber');
  if (!portValue.ok) return portValue;
  const port = parseDword(portValue.value);
  if (!port.ok) return port;
  const listenersOutput = outputOf(listenersResult);
  if (!listenersOutput.ok) return listenersOutput;
  const listeners = parseListeners(listenersOutput.value);
  if (!listeners.ok) return listeners;
  const listening = listeners.value.some((one) => one.port === port.value && !loopback.test(one.address));
  return { ok: true as const, value: { kind: 'rdp-listener' as const, port: port.value, listening } };
}
