import { UnreadableError } from '../../disk/byte-source';
import type { ServiceConfiguration } from '../evidence';
import { keyBelow, numberIn, textIn, textsIn } from './current-hive';
import type { Finding } from './finding';
import { plainText } from '../plain-text';
import { keyPlace, type Windows } from './windows';

const longestAccount = 200;
const longestText = 300;
const mostNames = 60;

/** How a service is configured for the next boot. */
export async function readServiceConfiguration(
  windows: Windows,
  service: string,
): Promise<Finding<ServiceConfiguration>> {
  const { name, key, hive } = await windows.controlSet();
  const configuration = await keyBelow(key, ['Services', service]);
  if (!configuration) throw new UnreadableError('not-found', `the service ${service} does not exist in ${name}`);
  const startType = await numberIn(configuration, 'Start');
  if (startType === undefined)
    throw new UnreadableError('not-found', `the service ${service} has no start type in ${name}`);
  const type = await numberIn(configuration, 'Type');
  const account = await textIn(configuration, 'ObjectName');
  const imagePath = await textIn(configuration, 'ImagePath');
  const dependsOn = await textsIn(configuration, 'DependOnService');
  return {
    fact: {
      kind: 'service-configuration',
      service,
      startType,
      ...(type === undefined ? {} : { type }),
      ...(account === undefined ? {} : { account: plainText(account, longestAccount) }),
      ...(imagePath === undefined ? {} : { imagePath: plainText(imagePath, longestText) }),
      ...(dependsOn === undefined
        ? {}
        : { dependsOn: dependsOn.slice(0, mostNames).map((name) => plainText(name, longestText)) }),
    },
    place: keyPlace(hive, [name, 'Services', service]),
    lastWritten: configuration.lastWritten,
    cautions: hive.cautions,
  };
}
