import { z } from 'zod';
import { parseVirtualMachineId } from '../resource-id';
import { callRest, jsonOf, type RestConnection } from './rest';

/**
 * Azure Resource Graph by its REST API: the maintained library, @azure/arm-resourcegraph 5, needs a newer Node than this app.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */

const apiVersion = '2021-03-01';

/** As many as are needed to know that there are several. */
const limit = 3;

/** Letters, digits, `_`, `-` and dots: nothing that could leave the quotes of a query. */
const safeName = /^[a-z0-9_](?:[a-z0-9_.-]{0,253}[a-z0-9_-])?$/i;

const result = z.object({ data: z.array(z.object({ id: z.string() })) });

/**
 * Ids of the virtual machines of this name, at most three. A computer's name may have its domain behind it. Only those that the
 * caller may read are found (https://learn.microsoft.com/azure/governance/resource-graph/overview). Throws the SDK's RestError
 * if the query is refused, and an Error for a name that has no place in a query.
 */
export async function queryVirtualMachines(
  connection: RestConnection,
  name: string,
  subscriptions: readonly string[],
): Promise<string[]> {
  const response = await callRest(connection, {
    method: 'POST',
    path: `/providers/Microsoft.ResourceGraph/resources?api-version=${apiVersion}`,
    body: { subscriptions, query: queryFor(name), options: { resultFormat: 'objectArray' } },
  });
  const ids = result.parse(jsonOf(response)).data.map(({ id }) => id);
  return ids.filter((id) => parseVirtualMachineId(id) !== undefined);
}

/** `=~` compares without case: https://learn.microsoft.com/kusto/query/equals-operator */
function queryFor(name: string): string {
  if (!safeName.test(name)) throw new Error(`No name of a machine: ${name.slice(0, 100)}`);
  const [host = name] = name.split('.');
  const matches = [
    `name =~ '${name}'`,
    `name =~ '${host}'`,
    // assumed: the names of these columns, as in the answer of virtualMachines and its instance view.
    `tostring(properties.osProfile.computerName) =~ '${host}'`,
    `tostring(properties.extended.instanceView.computerName) =~ '${host}'`,
  ];
  const steps = [
    'Resources',
    "where type =~ 'microsoft.compute/virtualmachines'",
    `where ${[...new Set(matches)].join(' or ')}`,
    'project id',
    `limit ${limit}`,
  ];
  return steps.join(' | ');
}
