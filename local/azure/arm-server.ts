/**
 * The HTTPS server that speaks Azure Resource Manager's REST: who asks, what for, may they, and the answer. The order
 * of the checks is ARM's as far as known (assumed: api-version before access).
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AccessControl, Identity } from './access';
import {
  authenticationFailed,
  authorizationFailed,
  expiredAuthenticationToken,
  injectedError,
  invalidAudience,
  invalidAuthenticationToken,
  invalidRequestContent,
  linkedAuthorizationFailed,
  resourceGroupNotFound,
  subscriptionNotFound,
  tooManyRequests,
  type ArmResponse,
} from './arm-errors';
import { deniedByAssignment, linkedDenied, scopeLocked } from './authorization/authorization-errors';
import { findDenial, findLocks } from './authorization/obstacles';
import { deniedByPolicy, patched, type PolicyResource } from './authorization/policies';
import type { CallLog } from './call-log';
import type { Faults } from './faults';
import type { TokenIssuer } from './identity/tokens';
import { keepingConnections } from './keeping-connections';
import type { Omissions } from './omissions';
import type { ArmOperation, ArmRequest, Demand } from './resource-provider';
import type { Router } from './router';
import type { OperationFate } from './long-running-operations';
import { virtualMachineOf, type Throttling } from './throttling';
import type { World } from './world';

/** https://learn.microsoft.com/azure/azure-resource-manager/management/ (audiences of the public cloud) */
const audiences = [
  'https://management.core.windows.net/',
  'https://management.core.windows.net',
  'https://management.azure.com/',
  'https://management.azure.com',
] as const;

/** ARM's own limit of reads and writes, shown in a header that shrinks. */
const SUBSCRIPTION_QUOTA = 11_999;
const LARGEST_BODY = 4 * 1024 * 1024;

export interface ArmServerOptions {
  certificate: string;
  key: string;
  world: World;
  router: Router;
  issuer: TokenIssuer;
  access: AccessControl;
  faults: Faults;
  omissions: Omissions;
  calls: CallLog;
  throttling: Throttling;
}

interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  header: (name: string) => string | undefined;
  bodyText: string;
  fate: OperationFate | undefined;
}

interface Handled {
  response: ArmResponse;
  identity?: Identity;
  actions: string[];
}

export function createArmServer(options: ArmServerOptions): Server {
  const server = createServer({ cert: options.certificate, key: options.key }, (request, response) => {
    void serve(options, request, response);
  });
  return keepingConnections(server);
}

async function serve(options: ArmServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const bodyText = await readBody(request);
  if (bodyText === undefined) {
    request.destroy();
    return;
  }
  const url = new URL(request.url ?? '/', 'https://localhost');
  const method = request.method ?? 'GET';
  const path = decodePath(url.pathname);
  const planted = options.faults.strike(method, `${path}${url.search}`);
  const strike = planted?.fate ? undefined : planted;
  const call: Call = {
    method,
    path,
    query: url.searchParams,
    authorization: request.headers.authorization,
    header: (name) => headerOf(request, name),
    bodyText,
    fate: planted?.fate,
  };
  const isSkipped = strike?.when === 'before';
  const handled: Handled = isSkipped ? { response: { status: 0 }, actions: [] } : handleSafely(options, call);
  const answer = strike ? strike.response : handled.response;
  options.calls.add({
    method: call.method,
    path: call.path,
    query: url.search,
    status: answer?.status ?? 0,
    identity: handled.identity?.name ?? identityOf(options, call)?.name,
    actions: handled.actions,
  });
  if (answer) send(response, options.omissions.apply(method, `${path}${url.search}`, answer));
  else request.socket.destroy();
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_BODY) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined; // the caller went away in the middle of its request
  }
  return Buffer.concat(chunks).toString('utf8');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path).replace(/\/+$/, '');
  } catch {
    return path; // a stray percent sign names nothing: the router says so
  }
}

function identityOf(options: ArmServerOptions, call: Call): Identity | undefined {
  const check = options.issuer.check(call.authorization?.replace(/^Bearer /i, '') ?? '');
  if (check.kind !== 'valid') return undefined;
  return options.world.fleet.identities.find((identity) => identity.clientId === check.claims.appid);
}

/** A mistake in the simulation is answered as ARM answers its own, and shown to whoever runs it. */
function handleSafely(options: ArmServerOptions, call: Call): Handled {
  try {
    return handle(options, call);
  } catch (error) {
    process.stderr.write(`${call.method} ${call.path}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { response: injectedError(500, 'InternalServerError', 'Encountered internal server error.'), actions: [] };
  }
}

function handle(options: ArmServerOptions, call: Call): Handled {
  const who = authenticate(options, call);
  if (who.kind === 'refused') return { response: who.response, actions: [] };
  const { identity } = who;
  const route = options.router(call.method, call.path, call.query);
  if (route.kind === 'refused') return { response: route.response, identity, actions: [] };
  const { operation, segments, apiVersion } = route;
  const { subscriptionId } = segments;
  if (subscriptionId !== undefined && subscriptionId.toLowerCase() !== options.world.fleet.subscriptionId) {
    return { response: subscriptionNotFound(subscriptionId), identity, actions: [] };
  }
  const body = parseBody(call.bodyText);
  if (!body.ok) return { response: invalidRequestContent(), identity, actions: [] };
  const isGranted = (action: string, scope: string) => options.access.isGranted(identity, action, scope);
  const rolesAt = (scope: string) => options.access.rolesAt(identity, scope);
  const { path, query, header, fate } = call;
  const request: ArmRequest = { path, segments, query, body: body.value, apiVersion, isGranted, rolesAt, header, fate };
  const demand = demandOf(operation, call.path);
  const linked = operation.linked?.(request) ?? [];
  const actions = [...(demand ? [demand.action] : []), ...linked.map(({ action }) => action)];
  const refusal =
    authorize(options.access, identity, demand, linked) ??
    obstruct(options.world, identity, call.method, { demand, linked });
  if (refusal) return { response: refusal, identity, actions };
  const { resourceGroup } = segments;
  if (resourceGroup !== undefined && !options.world.resourceGroups.has(resourceGroup.toLowerCase())) {
    return { response: resourceGroupNotFound(resourceGroup), identity, actions };
  }
  const disallowed = judgeByPolicy(options, operation, request);
  return { response: disallowed ?? allowed(options.throttling, operation, request), identity, actions };
}

/** Whether a policy keeps the resource from being made or changed so: a PUT's is its body, a PATCH's what is there with it. */
function judgeByPolicy(
  { world: { policies }, router }: ArmServerOptions,
  operation: ArmOperation,
  request: ArmRequest,
): ArmResponse | undefined {
  const { method } = operation;
  if (policies.length === 0 || (method !== 'PUT' && method !== 'PATCH')) return undefined;
  const { path, query, body } = request;
  const present = method === 'PATCH' ? router('GET', path, query) : undefined;
  const shown = present?.kind === 'found' ? present.operation.handle(request) : undefined;
  // What is not there is not changed: the provider says so.
  if (method === 'PATCH' && shown?.status !== 200) return undefined;
  const given = objectOf(body);
  const resource: PolicyResource = {
    id: path,
    type: resourceTypeOf(path),
    body: shown ? patched(objectOf(shown.body), given) : given,
  };
  const all = [resource, ...(operation.implied?.(request) ?? [])];
  return all.flatMap((one) => deniedByPolicy(policies, one) ?? [])[0];
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** e.g. `Microsoft.Compute/virtualMachines/runCommands`. */
function resourceTypeOf(path: string): string {
  const [namespace = '', ...rest] = (path.split(/\/providers\//i).at(-1) ?? '').split('/');
  return [namespace, ...rest.filter((_part, index) => index % 2 === 0)].join('/');
}

type Authentication = { kind: 'known'; identity: Identity } | { kind: 'refused'; response: ArmResponse };

function authenticate(options: ArmServerOptions, call: Call): Authentication {
  const { tenantId } = options.world.fleet;
  const refused = (response: ArmResponse): Authentication => ({ kind: 'refused', response });
  if (!call.authorization) return refused(authenticationFailed(tenantId));
  const check = options.issuer.check(call.authorization.replace(/^Bearer /i, ''));
  if (check.kind === 'invalid') return refused(invalidAuthenticationToken(tenantId));
  if (check.kind === 'expired') {
    return refused(expiredAuthenticationToken(tenantId, check.claims.exp * 1000, Date.now()));
  }
  const { aud } = check.claims;
  if (!audiences.some((audience) => audience === aud)) return refused(invalidAudience(tenantId, aud, audiences));
  const identity = identityOf(options, call);
  return identity ? { kind: 'known', identity } : refused(invalidAuthenticationToken(tenantId));
}

function parseBody(text: string): { ok: true; value: unknown } | { ok: false } {
  if (text === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false };
  }
}

/** An action is demanded on the resource: of a POST that is the path without the action's name, of a list its parent. */
function demandOf(operation: ArmOperation, path: string): Demand | undefined {
  if (operation.action === undefined) return undefined;
  const isCollection = operation.method === 'GET' && path.split('/').length % 2 === 0;
  const isAction = operation.method === 'POST';
  const scope = isCollection || isAction ? path.replace(/\/[^/]+$/, '') : path;
  return { action: operation.action, scope };
}

function authorize(
  access: AccessControl,
  identity: Identity,
  demand: Demand | undefined,
  linked: readonly Demand[],
): ArmResponse | undefined {
  if (!demand) return undefined;
  if (!access.isGranted(identity, demand.action, demand.scope)) {
    return authorizationFailed(identity, demand.action, demand.scope);
  }
  const missing = linked.find(({ action, scope }) => !access.isGranted(identity, action, scope));
  return missing && linkedAuthorizationFailed(identity, demand, missing);
}

/** A right that is granted may be in vain: a deny assignment or a lock is in the way. assumed: in this order. */
function obstruct(
  { obstacles }: World,
  identity: Identity,
  method: string,
  { demand, linked }: { demand: Demand | undefined; linked: readonly Demand[] },
): ArmResponse | undefined {
  if (!demand) return undefined;
  const by = findDenial(obstacles, identity.objectId, demand);
  if (by) return deniedByAssignment(identity, { ...demand, by });
  const denied = linked.find((one) => findDenial(obstacles, identity.objectId, one));
  if (denied) return linkedDenied(identity, demand, denied);
  const locks = findLocks(obstacles, method, demand.scope);
  if (locks.length === 0) return undefined;
  const scopes = locks.map(({ scope }) => scope);
  return scopeLocked(demand.scope, method === 'DELETE' ? 'delete' : 'write', scopes);
}

function allowed(throttling: Throttling, operation: ArmOperation, request: ArmRequest): ArmResponse {
  const quota = typeof operation.quota === 'function' ? operation.quota(request) : operation.quota;
  const allowance = throttling.take(quota, virtualMachineOf(request.path), Date.now());
  if (allowance.kind === 'exhausted') return tooManyRequests(allowance.name, allowance.retryAfterSeconds);
  const answer = operation.handle(request);
  const used = quota.subscription.holds - (allowance.remaining[0]?.tokens ?? 0);
  const kind = operation.method === 'GET' ? 'reads' : operation.method === 'DELETE' ? 'deletes' : 'writes';
  return {
    ...answer,
    headers: {
      'x-ms-ratelimit-remaining-resource': allowance.remaining
        .map(({ name, tokens }) => `Microsoft.Compute/${name};${Math.floor(tokens)}`)
        .join(','),
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(SUBSCRIPTION_QUOTA - used),
      ...answer.headers,
    },
  };
}

function send(response: ServerResponse, answer: ArmResponse): void {
  const correlationId = randomUUID();
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `WESTEUROPE:${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}:${correlationId}`,
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(answer.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...answer.headers,
  });
  response.end(text);
}
