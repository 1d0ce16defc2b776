/**
 * `powershell.exe -NoProfile -NonInteractive -Command "(Get-Acl -LiteralPath 'Registry::<key>').Sddl"`: a key's security
 * descriptor in one line (https://learn.microsoft.com/powershell/module/microsoft.powershell.security/get-acl). Nothing
 * else is understood: PowerShell is not simulated.
 */
import { descriptorText } from '../security-descriptor';
import { lines, type CommandContext, type CommandResult } from './command';

const getDescriptor = /^\(Get-Acl -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\\([^'*?]+)'\)\.Sddl$/;

export function powershell(commandLine: readonly string[], { guest }: CommandContext): CommandResult {
  const [noProfile, nonInteractive, option, script = ''] = commandLine;
  const key = getDescriptor.exec(script)?.[1];
  if (
    noProfile !== '-NoProfile' ||
    nonInteractive !== '-NonInteractive' ||
    option !== '-Command' ||
    key === undefined
  ) {
    return { exitCode: 1, stdout: '', stderr: lines('This command is not one that the simulated PowerShell knows.') };
  }
  const descriptor = guest.registry().security(key);
  if (descriptor) return { exitCode: 0, stdout: lines(descriptorText(descriptor)), stderr: '' };
  // assumed: the error ends neither the script nor the expression, whose value is nothing then.
  const message = `Get-Acl : Cannot find path 'HKEY_LOCAL_MACHINE\\${key}' because it does not exist.`;
  return { exitCode: 0, stdout: '', stderr: lines(message) };
}
