import { parsed, unreadable, type Parsed } from '../windows/parsed';
import { multipleTexts, parseDword, parseRegQuery, singleValue, type RegistryValue } from '../windows/reg-query';
import { parseScQuery } from '../windows/sc-query';
import { nativeCommand, outputOf, resultOf, serviceKey, type GuestAnswer, type GuestCommand } from './command';
import type { ServiceConfiguration, ServiceGroup, ServiceStatusEvidence } from './evidence';
import { plainText } from './plain-text';

/** Reads of a running Windows how services are set up, what they do, and which are meant for one process. */

const longestText = 300;
const mostNames = 60;

/** The command that reads a service's key. */
export function renderServiceConfiguration(service: string): GuestCommand {
  return nativeCommand(`configuration:${service}`, 'reg.exe', 'query', serviceKey(service));
}

/** Every value of a service's key, as it was printed. */
export function serviceValues(service: string, answer: GuestAnswer): Parsed<RegistryValue[]> {
  const output = outputOf(resultOf(answer, `configuration:${service}`));
  return output.ok ? parseRegQuery(output.value) : output;
}

/** How a service is set up; unreadable without a start type, the rest may be missing. */
export function readServiceConfiguration(service: string, answer: GuestAnswer): Parsed<ServiceConfiguration> {
  const values = serviceValues(service, answer);
  return values.ok ? serviceConfigurationIn(service, values.value) : values;
}

/** The same from the values of its key, wherever that is. */
export function serviceConfigurationIn(service: string, values: RegistryValue[]): Parsed<ServiceConfiguration> {
  const start = singleValue(values, 'Start');
  if (!start.ok) return start;
  const startType = parseDword(start.value);
  if (!startType.ok) return startType;
  const typeValue = singleValue(values, 'Type');
  const type = typeValue.ok ? parseDword(typeValue.value) : undefined;
  const account = singleValue(values, 'ObjectName');
  const imagePath = singleValue(values, 'ImagePath');
  const dependsOn = singleValue(values, 'DependOnService');
  const names = dependsOn.ok ? multipleTexts(dependsOn.value) : undefined;
  return parsed({
    kind: 'service-configuration',
    service,
    startType: startType.value,
    type: type?.ok ? type.value : undefined,
    account: account.ok ? account.value.data : undefined,
    imagePath: imagePath.ok ? plainText(imagePath.value.data, longestText) : undefined,
    dependsOn: names?.ok ? shownNames(names.value) : undefined,
  });
}

function shownNames(names: string[]): string[] {
  return names.slice(0, mostNames).map((name) => plainText(name, longestText));
}

/** The command that asks the service control manager for a service. */
export function renderServiceStatus(service: string): GuestCommand {
  return nativeCommand(`status:${service}`, 'sc.exe', 'query', service);
}

/** ERROR_SERVICE_DOES_NOT_EXIST, the exit code of `sc.exe query`. */
const doesNotExist = 1060;

/** What a service does now. */
export function readServiceStatus(service: string, answer: GuestAnswer): Parsed<ServiceStatusEvidence> {
  const result = resultOf(answer, `status:${service}`);
  if (result?.kind === 'ended' && result.exitCode === doesNotExist) {
    return parsed({ kind: 'service-status', service, state: 0, type: 0, win32ExitCode: doesNotExist });
  }
  const output = outputOf(result);
  if (!output.ok) return output;
  const status = parseScQuery(output.value);
  return status.ok ? parsed({ kind: 'service-status', service, ...status.value }) : status;
}

/** Where Windows keeps which services are meant for one process; one value for each group. */
const groupsKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Svchost`;

/** The command that reads a group of services. */
export function renderServiceGroup(group: string): GuestCommand {
  return nativeCommand(`group:${group}`, 'reg.exe', 'query', groupsKey, '/v', group);
}

/** The services of a group. */
export function readServiceGroup(group: string, answer: GuestAnswer): Parsed<ServiceGroup> {
  const output = outputOf(resultOf(answer, `group:${group}`));
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const value = singleValue(values.value, group);
  if (!value.ok) return value;
  const names = multipleTexts(value.value);
  if (!names.ok) return names;
  if (names.value.length === 0) return unreadable('the group has no services');
  return parsed({ kind: 'service-group', group, services: shownNames(names.value) });
}
