/**
 * The registry under HKLM as a running Windows shows it: the hives of the disk, the link `CurrentControlSet`, and keys
 * that live in memory only and are never written to a disk.
 */
import type { DiskContent, RegistryValue } from './content';

/** Reads keys by their path under HKLM. */
export interface RegistryView {
  hasKey(path: string): boolean;
  /** Names of direct subkeys, in the registry's order. */
  subkeys(path: string): string[];
  values(path: string): RegistryValue[];
  /** The key's security descriptor; undefined for a key that is not there or in memory only. */
  security(path: string): Buffer | undefined;
}

/** A key that is gone when Windows goes down; `path` with the numbered control set. */
export interface VolatileKey {
  path: string;
  values: readonly RegistryValue[];
}

/** The registry of a Windows that runs from this content with this control set. */
export function createRunningRegistry(
  content: DiskContent,
  controlSet: string,
  volatileKeys: readonly VolatileKey[],
): RegistryView {
  function resolve(path: string): string {
    return path
      .replace(/^SYSTEM\\CurrentControlSet(?=\\|$)/i, () => controlSet)
      .replace(/^BCD00000000(?=\\|$)/i, 'BCD');
  }
  function volatileKey(path: string): VolatileKey | undefined {
    return volatileKeys.find((key) => key.path.toLowerCase() === path.toLowerCase());
  }
  function volatileChildren(path: string): string[] {
    const prefix = `${path}\\`.toLowerCase();
    const below = volatileKeys.filter((key) => key.path.toLowerCase().startsWith(prefix));
    return below.flatMap((key) => key.path.slice(prefix.length).split('\\')[0] ?? []);
  }
  return {
    hasKey: (path) => content.hasKey(resolve(path)) || volatileKey(resolve(path)) !== undefined,
    subkeys(path) {
      const resolved = resolve(path);
      const link = resolved.toLowerCase() === 'system' ? ['CurrentControlSet'] : [];
      const names = [...content.subkeys(resolved), ...volatileChildren(resolved), ...link];
      return [...new Set(names)].sort((one, other) => (one.toUpperCase() < other.toUpperCase() ? -1 : 1));
    },
    values: (path) => [...content.values(resolve(path)), ...(volatileKey(resolve(path))?.values ?? [])],
    security: (path) => content.keySecurity(resolve(path)),
  };
}

/**
 * `Control\SafeBoot\Option`, which the kernel makes when it boots in a safe mode: reactos/reactos:ntoskrnl/config/
 * cmsysini.c (OptionValue counts from 1; UseAlternateShell only with the command prompt).
 */
export function safeBootOption(controlSet: string, optionValue: number, alternateShell: boolean): VolatileKey {
  const values: RegistryValue[] = [{ name: 'OptionValue', type: 'REG_DWORD', data: optionValue }];
  if (alternateShell) values.push({ name: 'UseAlternateShell', type: 'REG_DWORD', data: 1 });
  return { path: `${controlSet}\\Control\\SafeBoot\\Option`, values };
}
