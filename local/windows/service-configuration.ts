/** A service's configuration, read from and written to the registry of a disk. */
import type { DiskContent, RegistryData } from './content';
import type { GuestLanguage } from './language';
import { resolveText } from './resource-strings';
import type { StartType } from './services';

/** What the service control manager knows of a service from the registry. */
export interface ServiceConfiguration {
  name: string;
  /** In the machine's language. */
  displayName: string;
  type: number;
  start: StartType;
  errorControl: number;
  imagePath: string;
  group: string;
  dependsOn: readonly string[];
  objectName: string;
}

/** The control set `SYSTEM\ControlSet00N` that a name in `SYSTEM\Select` points to (the next boot uses `Default`). */
export function controlSetPath(content: DiskContent, select: 'Current' | 'Default'): string {
  const number = numberOf(content.readValue('SYSTEM\\Select', select)) ?? 1;
  return `SYSTEM\\ControlSet${String(number).padStart(3, '0')}`;
}

/** The names of all services and drivers in a control set. */
export function listServices(content: DiskContent, controlSet: string): string[] {
  return content.subkeys(`${controlSet}\\Services`);
}

/** The configuration of one service, by its name in any case, as Windows of this language shows it; undefined when the registry has no such service. */
export function readServiceConfiguration(
  content: DiskContent,
  controlSet: string,
  service: string,
  language: GuestLanguage,
): ServiceConfiguration | undefined {
  const name = listServices(content, controlSet).find((known) => known.toLowerCase() === service.toLowerCase());
  return name === undefined ? undefined : configurationNamed(content, controlSet, name, language);
}

/** The configurations of all services and drivers, in the order of their names. */
export function readServiceConfigurations(
  content: DiskContent,
  controlSet: string,
  language: GuestLanguage,
): ServiceConfiguration[] {
  return listServices(content, controlSet).flatMap(
    (name) => configurationNamed(content, controlSet, name, language) ?? [],
  );
}

function configurationNamed(
  content: DiskContent,
  controlSet: string,
  name: string,
  language: GuestLanguage,
): ServiceConfiguration | undefined {
  const key = `${controlSet}\\Services\\${name}`;
  const text = (value: string) => textOf(content.readValue(key, value));
  const type = numberOf(content.readValue(key, 'Type'));
  if (type === undefined) return undefined; // a key without Type holds settings only, e.g. of a network adapter
  const dependsOn = content.readValue(key, 'DependOnService');
  return {
    name,
    displayName: resolveText(text('DisplayName') ?? name, language),
    type,
    start: startTypeOf(numberOf(content.readValue(key, 'Start'))),
    errorControl: numberOf(content.readValue(key, 'ErrorControl')) ?? 1,
    imagePath: text('ImagePath') ?? '',
    group: text('Group') ?? '',
    dependsOn: dependsOn?.type === 'REG_MULTI_SZ' ? dependsOn.data : [],
    objectName: text('ObjectName') ?? '',
  };
}

/** A REG_DWORD's number. */
export function numberOf(value: RegistryData | undefined): number | undefined {
  return value?.type === 'REG_DWORD' ? value.data : undefined;
}

/** A string value's text. */
export function textOf(value: RegistryData | undefined): string | undefined {
  return value?.type === 'REG_SZ' || value?.type === 'REG_EXPAND_SZ' ? value.data : undefined;
}

function startTypeOf(value: number | undefined): StartType {
  return value === 0 || value === 1 || value === 2 || value === 3 ? value : 4;
}
