/**
 * The HTTP API of the Durable Task extension: what DurableClient calls, and what the links of a start lead to.
 * Answers are those of Azure/azure-functions-durable-extension:src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs
 */
import { randomUUID } from 'node:crypto';
import type { HostRequest, HostResponse } from '../http/messages';
import { firstHeader, json } from '../http/messages';
import type { Engine, SendResult } from './engine';
import { statusBody } from './status';
import { isFinished, type InstanceFilter } from './store';

interface ManagementOptions {
  engine: Engine;
  links: (instanceId: string) => Record<string, string>;
}

/** The page size of a list without `top`; the extension's default. */
const defaultPageSize = 100;

const sendStatus: Record<SendResult, number> = { sent: 202, finished: 410, 'not-found': 404 };

/** Answers one request; `path` is below the API's base, without leading slash. */
export async function manage(options: ManagementOptions, request: HostRequest, path: string): Promise<HostResponse> {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const [area, id, operation, eventName] = parts;
  const route = `${request.method} ${area ?? ''}`;
  if (route === 'POST orchestrators' && id && parts.length <= 3) return start(options, request, id, operation);
  if (area === 'entities') return notSupported('Durable entities are');
  if (area !== 'instances') return { status: 404 };
  if (id === undefined) return manageAll(options, request);
  if (operation === undefined) return manageOne(options, request, id);
  if (request.method !== 'POST') return { status: 404 };
  const { engine } = options;
  const reason = request.url.searchParams.get('reason') ?? '';
  switch (operation.toLowerCase()) {
    case 'raiseevent':
      return eventName ? raise(options, request, id, eventName) : { status: 404 };
    case 'terminate':
      return { status: sendStatus[await engine.terminate(id, reason)] };
    case 'suspend':
      return { status: sendStatus[await engine.suspend(id, reason)] };
    case 'resume':
      return { status: sendStatus[await engine.resume(id, reason)] };
    case 'rewind':
    case 'restart':
      return notSupported(`The operation '${operation}' is`);
    default:
      return { status: 404 };
  }
}

function notSupported(what: string): HostResponse {
  return json(501, `${what} not supported by the embedded host.`);
}

async function start(
  { engine, links }: ManagementOptions,
  request: HostRequest,
  name: string,
  givenId: string | undefined,
): Promise<HostResponse> {
  const instanceId = givenId ?? randomUUID().replaceAll('-', '');
  const complaint = complaintAboutId(instanceId);
  if (complaint) return json(400, { Message: complaint });
  const text = (await request.body()).toString('utf8');
  if (!isJsonOrEmpty(text)) return json(400, { Message: 'Invalid JSON content' });
  const version = request.url.searchParams.get('version') ?? undefined;
  const result = await engine.startInstance({ instanceId, name, input: text === '' ? 'null' : text, version });
  if (result.kind === 'exists') {
    return json(409, { Message: `An Orchestration instance with the status ${result.status} already exists.` });
  }
  const body = links(instanceId);
  return json(202, body, { location: body.statusQueryGetUri ?? '', 'retry-after': '10' });
}

/** Rules of the extension: DurableClient.cs, StartNewAsync. */
function complaintAboutId(instanceId: string): string | undefined {
  if (instanceId.startsWith('@')) return 'Orchestration instance ids must not start with @.';
  // eslint-disable-next-line no-control-regex
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(instanceId)) {
    return 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.';
  }
  return instanceId.length > 256 ? 'Orchestration instance ids must not exceed 256 characters.' : undefined;
}

async function raise(
  { engine }: ManagementOptions,
  request: HostRequest,
  instanceId: string,
  eventName: string,
): Promise<HostResponse> {
  const text = (await request.body()).toString('utf8');
  if (!isJsonOrEmpty(text)) return json(400, { Message: 'Only application/json request content is supported' });
  return { status: sendStatus[await engine.raiseEvent(instanceId, eventName, text === '' ? 'null' : text)] };
}

function isJsonOrEmpty(text: string): boolean {
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function manageOne(
  { engine }: ManagementOptions,
  request: HostRequest,
  instanceId: string,
): Promise<HostResponse> {
  if (request.method === 'DELETE') {
    const result = await engine.purge(instanceId);
    if (result === 'not-found') return { status: 404 };
    if (result === 'purged') return json(200, { instancesDeleted: 1 });
    return json(
      412,
      `Only orchestrations in a terminal state can be purged, but '${instanceId}' has status ${result.notFinished}.`,
    );
  }
  if (request.method !== 'GET') return { status: 404 };
  const instance = engine.instance(instanceId);
  if (!instance) return { status: 404 };
  const query = request.url.searchParams;
  const body = statusBody(instance, {
    showInput: !isFalse(query.get('showInput')),
    history: isTrue(query.get('showHistory')) ? engine.history(instanceId) : undefined,
    showHistoryOutput: isTrue(query.get('showHistoryOutput')),
  });
  if (!isFinished(instance.status)) {
    return json(202, body, { location: request.url.href, 'retry-after': '5' });
  }
  const asError = instance.status === 'Failed' && isTrue(query.get('returnInternalServerErrorOnFailure'));
  return json(asError ? 500 : 200, body);
}

async function manageAll({ engine }: ManagementOptions, request: HostRequest): Promise<HostResponse> {
  const query = request.url.searchParams;
  const filter = filterOf(request);
  if (request.method === 'DELETE') {
    if (filter.createdFrom === undefined) {
      return json(400, "Please provide value for 'createdTimeFrom' parameter.");
    }
    const found = engine.instances({ ...filter, after: undefined, limit: Number.MAX_SAFE_INTEGER });
    const results = await Promise.all(found.map(({ instanceId }) => engine.purge(instanceId)));
    const instancesDeleted = results.filter((result) => result === 'purged').length;
    return instancesDeleted === 0 ? { status: 404 } : json(200, { instancesDeleted });
  }
  if (request.method !== 'GET') return { status: 404 };
  // One more than asked for tells whether there is a next page.
  const found = engine.instances({ ...filter, limit: filter.limit + 1 });
  const page = found.slice(0, filter.limit);
  const showInput = !isFalse(query.get('showInput'));
  const last = found.length > page.length ? page.at(-1) : undefined;
  const token = last && Buffer.from(last.instanceId).toString('base64url');
  const body = page.map((instance) => statusBody(instance, { showInput }));
  return json(200, body, token ? { 'x-ms-continuation-token': token } : {});
}

function filterOf(request: HostRequest): InstanceFilter {
  const query = request.url.searchParams;
  const token = firstHeader(request, 'x-ms-continuation-token');
  const top = Number(query.get('top'));
  return {
    createdFrom: timeOf(query.get('createdTimeFrom')),
    createdTo: timeOf(query.get('createdTimeTo')),
    statuses: query.getAll('runtimeStatus').flatMap((list) => list.split(',').filter(Boolean)),
    idPrefix: query.get('instanceIdPrefix') ?? undefined,
    after: token && Buffer.from(token, 'base64url').toString('utf8'),
    limit: Number.isInteger(top) && top > 0 ? top : defaultPageSize,
  };
}

function timeOf(text: string | null): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function isTrue(text: string | null): boolean {
  return text?.toLowerCase() === 'true';
}

function isFalse(text: string | null): boolean {
  return text?.toLowerCase() === 'false';
}
