/**
 * Microsoft.ResourceGraph: queries over the virtual machines that the caller may read.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */
import { invalidRequestContent, type ArmResponse } from '../arm-errors';
import type { ArmOperation, ArmRequest, ResourceProvider } from '../resource-provider';
import { readGuest } from '../compute/machine';
import { readObject } from '../request-body';
import type { World } from '../world';
import { parseQuery, type Row } from './query';
import { callsIn } from '../throttling';

export function resourceGraphProvider(world: World): ResourceProvider {
  return { namespace: 'Microsoft.ResourceGraph', operations: [resources(world)] };
}

/** No action is asked for: who may read nothing finds nothing (https://learn.microsoft.com/azure/governance/resource-graph/overview). */
function resources(world: World): ArmOperation {
  return {
    method: 'POST',
    path: '/providers/Microsoft.ResourceGraph/resources',
    apiVersions: ['2021-03-01', '2022-10-01', '2024-04-01'],
    action: undefined,
    // 15 queries in 5 s: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
    quota: callsIn(3, { group: 'ResourceGraph3Min', limit: 540 }),
    handle: (request) => answer(world, request),
  };
}

function answer(world: World, request: ArmRequest): ArmResponse {
  const object = readObject(request.body);
  if (!object.ok) return object.response;
  const { subscriptions, query } = object.value;
  if (typeof query !== 'string') return invalidRequestContent();
  const run = parseQuery(query);
  if (!run) return invalidQuery();
  const { subscriptionId } = world.fleet;
  const isAsked =
    Array.isArray(subscriptions) && subscriptions.some((id) => String(id).toLowerCase() === subscriptionId);
  const readable = [...world.machines.values()].filter(
    ({ id }) => isAsked && request.isGranted('Microsoft.Compute/virtualMachines/read', id),
  );
  const data = run(
    readable.map((machine): Row => ({
      id: machine.id,
      name: machine.name,
      type: 'microsoft.compute/virtualmachines',
      'properties.osProfile.computerName': machine.name,
      'properties.extended.instanceView.computerName':
        readGuest(machine, (guest) => guest.computerName()) ?? machine.name,
    })),
  );
  const body = { totalRecords: data.length, count: data.length, data, facets: [], resultTruncated: 'false' };
  return { status: 200, body };
}

/** assumed: the words; the code as in https://learn.microsoft.com/azure/governance/resource-graph/troubleshoot/general. */
function invalidQuery(): ArmResponse {
  const message = 'Please provide below info when asking for support: the query is not one that can be run here.';
  const details = [{ code: 'InvalidQuery', message: 'Query is invalid. Please refer to the documentation.' }];
  return { status: 400, body: { error: { code: 'BadRequest', message, details } } };
}
