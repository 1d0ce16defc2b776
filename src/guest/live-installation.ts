import { isSameName, trimBlanks } from '../windows/console-text';
import { parsed, type Parsed } from '../windows/parsed';
import { parseRegQuery, singleValue } from '../windows/reg-query';
import { nativeCommand, outputOf, resultOf, type GuestAnswer, type GuestCommand } from './command';
import type { WindowsInstallation } from './evidence';

/** Reads which Windows runs. Value by value: the whole key would double the size of an answer. */

const versionKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
const productOptionsKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions`;
/** `ProductType` is WinNT, ServerNT or LanmanNT; the last is a domain controller's. */
const domainController = 'LanmanNT';
const longestText = 100;

const places = { ProductName: versionKey, CurrentBuildNumber: versionKey, ProductType: productOptionsKey } as const;
type InstallationValue = keyof typeof places;

/** The commands that read it. */
export function renderInstallation(): GuestCommand[] {
  return Object.entries(places).map(([name, key]) =>
    nativeCommand(`windows:${name}`, 'reg.exe', 'query', key, '/v', name),
  );
}

/** Which Windows it is; unreadable unless all is there, so that a domain controller is never taken for something else. */
export function readInstallation(answer: GuestAnswer): Parsed<WindowsInstallation> {
  const productName = readText(answer, 'ProductName');
  if (!productName.ok) return productName;
  const build = readText(answer, 'CurrentBuildNumber');
  if (!build.ok) return build;
  const productType = readText(answer, 'ProductType');
  if (!productType.ok) return productType;
  return parsed({
    kind: 'windows-installation',
    computerName: answer.computerName.slice(0, longestText),
    productName: productName.value,
    build: build.value,
    isDomainController: isSameName(productType.value, domainController),
  });
}

function readText(answer: GuestAnswer, name: InstallationValue): Parsed<string> {
  const output = outputOf(resultOf(answer, `windows:${name}`));
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const value = singleValue(values.value, name);
  return value.ok ? parsed(trimBlanks(value.value.data).slice(0, longestText)) : value;
}
