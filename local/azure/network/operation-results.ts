/**
 * Long-running operations of Microsoft.Network that give something: a POST is answered 202 with `Location`, which answers 202
 * until the result is there. Headers as recorded in Azure/azure-xplat-cli (delete of a load balancer: `location`,
 * `azure-asyncoperation`, `retry-after: 10`), and for this very call, where no rule applies, 200 with an empty list and a
 * `location` (nic list-effective-nsg).
 */
import { randomUUID } from 'node:crypto';
import { resourceNotFound, type ArmResponse } from '../arm-errors';
import type { ArmOperation } from '../resource-provider';
import { pause } from '../timers';
import { apiVersions, quotas } from './context';

/** assumed: how long Azure takes to find out which rules apply. */
const EFFECTIVE_RULES_MS = 6_000;
/** Recorded. In the time of the caller, who may live faster than Azure, it is as long. */
const RETRY_AFTER_SECONDS = '10';

export interface OperationResults {
  /** Begins an operation whose result will be this body. */
  begin: (given: { apiVersion: string; body: () => object }) => ArmResponse;
  look: (id: string, address: string) => ArmResponse;
}

interface Place {
  endpoint: () => string;
  subscriptionId: string;
  location: string;
}

export function createOperationResults(place: Place): OperationResults {
  const records = new Map<string, { body: object | undefined }>();
  const base = () =>
    `${place.endpoint()}/subscriptions/${place.subscriptionId}/providers/Microsoft.Network/locations/${place.location}`;
  return {
    begin({ apiVersion, body }) {
      const id = randomUUID();
      const record: { body: object | undefined } = { body: undefined };
      records.set(id, record);
      void pause(EFFECTIVE_RULES_MS).then(() => {
        record.body = body();
      });
      return {
        status: 202,
        headers: {
          location: `${base()}/operationResults/${id}?api-version=${apiVersion}`,
          'azure-asyncoperation': `${base()}/operations/${id}?api-version=${apiVersion}`,
          'retry-after': RETRY_AFTER_SECONDS,
        },
      };
    },
    look(id, address) {
      const record = records.get(id.toLowerCase());
      if (!record) return resourceNotFound('Microsoft.Network/locations/operationResults', id, '');
      if (record.body) return { status: 200, body: record.body };
      const headers = { location: `${place.endpoint()}${address}`, 'retry-after': RETRY_AFTER_SECONDS };
      return { status: 202, headers };
    },
  };
}

/** As for Compute (../compute/operation-status.ts): assumed to demand no action of whoever was let begin the operation. */
export function operationResultOperations(results: OperationResults): ArmOperation[] {
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.Network/locations/{location}/operationResults/{id}',
      apiVersions,
      action: undefined,
      quota: quotas.read,
      handle: ({ segments, path, query }) => results.look(segments.id ?? '', `${path}?${query.toString()}`),
    },
  ];
}
