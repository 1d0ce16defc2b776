import { UnreadableError } from '../../disk/byte-source';
import type { Key } from '../../disk/registry/key';
import type { WindowsInstallation } from '../evidence';
import { keyBelow, numberIn, textIn } from './current-hive';
import type { Finding } from './finding';
import { plainText } from '../plain-text';
import { keyPlace, type Windows } from './windows';

const version = ['Microsoft', 'Windows NT', 'CurrentVersion'];
const computerNameKey = ['Control', 'ComputerName', 'ComputerName'];
const productOptions = ['Control', 'ProductOptions'];
/** `ProductType` is WinNT, ServerNT or LanmanNT; the last is a domain controller's. */
const domainController = 'LanmanNT';
const longestText = 100;

/** Which Windows it is. */
export async function readWindowsInstallation(windows: Windows): Promise<Finding<WindowsInstallation>> {
  const [{ key, name, hive }, software] = await Promise.all([windows.controlSet(), windows.software()]);
  const current = await software.hive.findKey(version);
  const place = keyPlace(software, version);
  const build = await demandText(current, 'CurrentBuildNumber', place);
  const revision = await numberIn(current, 'UBR');
  const namePlace = keyPlace(hive, [name, ...computerNameKey]);
  const productType = await textIn(await keyBelow(key, productOptions), 'ProductType');
  const unknownType = productType === undefined ? ['whether it is a domain controller is not told: taken as none'] : [];
  return {
    fact: {
      kind: 'windows-installation',
      computerName: await demandText(await keyBelow(key, computerNameKey), 'ComputerName', namePlace),
      productName: await demandText(current, 'ProductName', place),
      build: revision === undefined ? build : `${build}.${revision}`,
      isDomainController: productType?.toLowerCase() === domainController.toLowerCase(),
    },
    place: `${place} · ${namePlace}`,
    ...(current ? { lastWritten: current.lastWritten } : {}),
    cautions: [...hive.cautions, ...software.cautions, ...unknownType],
  };
}

async function demandText(key: Key | undefined, name: string, place: string): Promise<string> {
  const text = await textIn(key, name);
  if (text === undefined) throw new UnreadableError('not-found', `there is no ${name} in ${place}`);
  return plainText(text, longestText);
}
