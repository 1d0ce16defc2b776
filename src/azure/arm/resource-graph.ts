import type { HttpClient, Pipeline } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { parseVirtualMachineId } from '../resource-id';

/**
 * Azure Resource Graph by its REST API, through the pipeline of a compute client (token, time limit, no retries): the
 * maintained library, @azure/arm-resourcegraph 5, needs a newer Node than this app.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */

const apiVersion = '2021-03-01';

/** As many as are needed to know that there are several. */
const limit = 3;

/** Letters, digits, `_`, `-` and dots: nothing that could leave the quotes of a query. */
const safeName = /^[a-z0-9_](?:[a-z0-9_.-]{0,253}[a-z0-9_-])?$/i;

const result = z.object({ data: z.array(z.object({ id: z.string() })) });
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** How a query is sent. */
export interface GraphConnection {
  endpoint: string;
  pipeline: Pipeline;
  http: HttpClient;
}

/**
 * Ids of the virtual machines of this name, at most three. A computer's name may have its domain behind it. Only those that the
 * caller may read are found (https://learn.microsoft.com/azure/governance/resource-graph/overview). Throws the SDK's RestError
 * if the query is refused, and an Error for a name that has no place in a query.
 */
export async function queryVirtualMachines(
  { endpoint, pipeline, http }: GraphConnection,
  name: string,
  subscriptions: readonly string[],
): Promise<string[]> {
  const sdk = await import('@azure/core-rest-pipeline');
  const request = sdk.createPipelineRequest({
    url: `${endpoint}/providers/Microsoft.ResourceGraph/resources?api-version=${apiVersion}`,
    method: 'POST',
    headers: sdk.createHttpHeaders({ 'content-type': 'application/json', accept: 'application/json' }),
    body: JSON.stringify({ subscriptions, query: queryFor(name), options: { resultFormat: 'objectArray' } }),
  });
  const response = await pipeline.sendRequest(http, request);
  if (response.status !== 200) {
    const parsed = failure.safeParse(jsonOf(response.bodyAsText));
    const { code, message } = parsed.success
      ? parsed.data.error
      : { code: 'Unknown', message: 'Resource Graph gave no reason.' };
    throw new sdk.RestError(message, { code, statusCode: response.status, request, response });
  }
  const ids = result.parse(jsonOf(response.bodyAsText)).data.map(({ id }) => id);
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

function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
