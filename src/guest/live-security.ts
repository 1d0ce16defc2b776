import { parsed, type Parsed } from '../windows/parsed';
import { parseSddl, parseServiceSid } from '../windows/sddl';
import { nativeCommand, outputOf, resultOf, type GuestAnswer, type GuestCommand } from './command';
import type { KeySecurity, SecuredKey, ServiceSecurity } from './evidence';

/** Reads of a running Windows who may do what with a service and with its keys. */

/** The commands that read a service's own descriptor and its SID. */
export function renderServiceSecurity(service: string): GuestCommand[] {
  return [
    nativeCommand(`descriptor:${service}`, 'sc.exe', 'sdshow', service),
    nativeCommand(`sid:${service}`, 'sc.exe', 'showsid', service),
  ];
}

/** A service's own descriptor and its SID. */
export function readServiceSecurity(service: string, answer: GuestAnswer): Parsed<ServiceSecurity> {
  const descriptorOutput = outputOf(resultOf(answer, `descriptor:${service}`));
  if (!descriptorOutput.ok) return descriptorOutput;
  const descriptor = parseSddl(descriptorOutput.value);
  if (!descriptor.ok) return descriptor;
  const sidOutput = outputOf(resultOf(answer, `sid:${service}`));
  if (!sidOutput.ok) return sidOutput;
  const sid = parseServiceSid(sidOutput.value);
  if (!sid.ok) return sid;
  return parsed({ kind: 'service-security', service, descriptor: descriptor.value, sid: sid.value });
}

/**
 * Not in the system folder itself, so it needs a path. assumed: Windows is on C:, as on every VM that Azure makes; where
 * it is not, the program does not start and the permissions are not told.
 */
const powershell = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;

/**
 * The command that reads a key's permissions. No native program prints them
 * (https://learn.microsoft.com/powershell/module/microsoft.powershell.security/get-acl). Its text is made of constants
 * only: `securedKeys` are all the keys that there are.
 */
export function renderKeySecurity(key: SecuredKey): GuestCommand {
  const script = `(Get-Acl -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\\${key}').Sddl`;
  return nativeCommand(`permissions:${key}`, powershell, '-NoProfile', '-NonInteractive', '-Command', script);
}

/** A key's permissions. Nothing is printed for a key that is not there. */
export function readKeySecurity(key: SecuredKey, answer: GuestAnswer): Parsed<KeySecurity> {
  const output = outputOf(resultOf(answer, `permissions:${key}`));
  if (!output.ok) return output;
  const descriptor = parseSddl(output.value);
  return descriptor.ok ? parsed({ kind: 'key-security', key, descriptor: descriptor.value }) : descriptor;
}
