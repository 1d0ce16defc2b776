import { z } from 'zod';
import { parseVirtualMachineId } from '../resource-id';
import { callRest, jsonOf, type RestConnection } from './rest';

/**
 * Azure Resource Graph by its REST API: the maintained library, @azure/arm-resourcegraph 5, needs a newer Node than this app.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */

const apiVersion = '2021-03-01';

/** The most rows of one answer: https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data */
const limit = 1_000;

/** Letters, digits, `_`, `-` and dots: nothing that could leave the quotes of a query. */
const safeName = /^[a-z0-9_](?:[a-z0-9_.-]{0,253}[a-z0-9_-])?$/i;

// assumed: the names of these columns, as in the answer of virtualMachines and its instance view.
const computerNames = {
  computerName: 'tostring(properties.osProfile.computerName)',
  agentComputerName: 'tostring(properties.extended.instanceView.computerName)',
} as const;

const text = z.string().nullish().catch(null);
const machine = z.object({ id: z.string(), name: text, computerName: text, agentComputerName: text });
const result = z.object({ data: z.array(machine) });

type Machine = z.infer<typeof machine>;

/**
 * Ids of the virtual machines of each of these names, by the name in lower case: one query for all, because queries are what is counted. A
 * computer's name may have its domain behind it. Only those that the caller may read are found
 * (https://learn.microsoft.com/azure/governance/resource-graph/overview). Throws the SDK's RestError if the query is refused, and an Error for
 * a name that has no place in a query.
 */
export async function queryVirtualMachines(
  connection: RestConnection,
  names: readonly string[],
  subscriptions: readonly string[],
): Promise<Map<string, string[]>> {
  const response = await callRest(connection, {
    method: 'POST',
    path: `/providers/Microsoft.ResourceGraph/resources?api-version=${apiVersion}`,
    body: { subscriptions, query: queryFor(names), options: { resultFormat: 'objectArray' } },
  });
  const { data } = result.parse(jsonOf(response));
  // Cut: what is missing is not told, so each half is asked for. One name with so many machines is clear enough.
  if (data.length >= limit && names.length > 1) {
    const middle = Math.ceil(names.length / 2);
    const halves = [names.slice(0, middle), names.slice(middle)];
    const found = [];
    for (const half of halves) found.push(...(await queryVirtualMachines(connection, half, subscriptions)));
    return new Map(found);
  }
  const machines = data.filter(({ id }) => parseVirtualMachineId(id) !== undefined);
  return new Map(
    names.map((name) => [name.toLowerCase(), machines.filter((found) => isCalled(found, name)).map(({ id }) => id)]),
  );
}

function isCalled({ name, computerName, agentComputerName }: Machine, asked: string): boolean {
  const full = asked.toLowerCase();
  const host = hostOf(full);
  const machineName = name?.toLowerCase();
  return (
    machineName === full || [machineName, computerName?.toLowerCase(), agentComputerName?.toLowerCase()].includes(host)
  );
}

function hostOf(name: string): string {
  return name.split('.')[0] ?? name;
}

/** `=~` compares without case: https://learn.microsoft.com/kusto/query/equals-operator */
function queryFor(names: readonly string[]): string {
  const matches = names.flatMap((name) => {
    if (!safeName.test(name)) throw new Error(`No name of a machine: ${name.slice(0, 100)}`);
    const host = hostOf(name);
    return [
      `name =~ '${name}'`,
      `name =~ '${host}'`,
      ...Object.values(computerNames).map((column) => `${column} =~ '${host}'`),
    ];
  });
  const columns = Object.entries(computerNames).map(([name, column]) => `${name} = ${column}`);
  const steps = [
    'Resources',
    "where type =~ 'microsoft.compute/virtualmachines'",
    `where ${[...new Set(matches)].join(' or ')}`,
    `project ${['id', 'name', ...columns].join(', ')}`,
    `limit ${limit}`,
  ];
  return steps.join(' | ');
}
