/**
 * Microsoft.SerialConsole: whether the serial console is enabled, a switch of the whole subscription. The answer is
 * Azure/azure-rest-api-specs: SerialConsoleStatus.json (2024-07-01); the operation's name its GetOperationsExample.json. A role on
 * a resource group does not reach it: the resource lies above all groups.
 */
import type { ResourceProvider } from '../resource-provider';
import type { World } from '../world';
import { callsIn } from '../throttling';

const type = 'Microsoft.SerialConsole/consoleServices';

export function serialConsoleProvider({ serialConsole }: World): ResourceProvider {
  return {
    namespace: 'Microsoft.SerialConsole',
    operations: [
      {
        method: 'GET',
        path: `/subscriptions/{subscriptionId}/providers/${type}/default`,
        apiVersions: ['2018-05-01', '2023-01-01', '2024-07-01'],
        action: `${type}/read`,
        // assumed: no quota of it is known.
        quota: callsIn(3, { group: 'SerialConsole3Min', limit: 1_200 }),
        handle: () => ({ status: 200, body: { properties: { disabled: serialConsole.disabled } } }),
      },
    ],
  };
}
