/** What a resource provider is made of. A new one is a folder with a function that answers this. */
import type { RoleDefinition } from './access';
import type { ArmResponse } from './arm-errors';
import type { PolicyResource } from './authorization/policies';
import type { OperationFate } from './long-running-operations';
import type { Quota } from './throttling';

/** A call that was authenticated, routed and authorised. */
export interface ArmRequest {
  path: string;
  /** The `{…}` segments of the operation's path. */
  segments: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: unknown;
  apiVersion: string;
  /** Whether the caller has an action on a resource, for operations that show each caller only its own. */
  isGranted: (action: string, scope: string) => boolean;
  /** The roles that the caller has at a scope. */
  rolesAt: (scope: string) => RoleDefinition[];
  /** A header of the request, by its name in lower case. */
  header: (name: string) => string | undefined;
  /** How a planted fault lets the operation end that this call begins; undefined: well. */
  fate: OperationFate | undefined;
}

type HttpMethod = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** An action that must be granted on a scope. */
export interface Demand {
  action: string;
  scope: string;
}

/** One operation of the REST reference. */
export interface ArmOperation {
  method: HttpMethod;
  /** e.g. `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/…`; matched without case. */
  path: string;
  apiVersions: readonly string[];
  /** The action that the caller needs on the resource; undefined: every authenticated caller may. */
  action: string | undefined;
  /** Actions needed on other resources that the body refers to. */
  linked?: (request: Pick<ArmRequest, 'body' | 'path' | 'segments'>) => Demand[];
  /** What is created along with the resource itself: policies count for it too. */
  implied?: (request: ArmRequest) => PolicyResource[];
  /** What it counts to, shown in `x-ms-ratelimit-remaining-resource`. */
  quota: Quota | ((request: ArmRequest) => Quota);
  handle: (request: ArmRequest) => ArmResponse;
}

export interface ResourceProvider {
  /** e.g. `Microsoft.Compute`. */
  namespace: string;
  operations: readonly ArmOperation[];
}
