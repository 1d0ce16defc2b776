import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import { isActive, type RepairStarter, type Singleton } from '../../../src/orchestrators/durable';

/** A request as the Functions host hands it to a door. */
export function request(
  method: 'GET' | 'POST',
  path: string,
  given: { body?: string; headers?: Record<string, string>; params?: Record<string, string> } = {},
): HttpRequest {
  const { body, headers = {}, params = {} } = given;
  const url = `https://app.azurewebsites.net/api/${path}`;
  return new HttpRequest({ method, url, headers, params, ...(body === undefined ? {} : { body: { string: body } }) });
}

/** A POST of JSON. */
export function post(path: string, value: unknown): HttpRequest {
  return request('POST', path, { body: JSON.stringify(value) });
}

/** The status and body of an answer; throws unless a browser is kept from taking it for markup. */
export function answerOf({ status, body, headers }: HttpResponseInit): { status?: number; body: unknown } {
  const { 'x-content-type-options': sniffing, 'cache-control': caching } = { ...headers } as Record<string, string>;
  if (sniffing !== 'nosniff' || caching !== 'no-store') throw new Error('The answer lacks its safe headers.');
  if (typeof body !== 'string') throw new Error('The answer is no text.');
  return { status, body: JSON.parse(body) as unknown };
}

/** A durable engine that remembers what was started. */
export function fakeStarter() {
  const started: { singletonId: string; input: unknown }[] = [];
  const terminated: string[] = [];
  const states = new Map<string, Partial<Singleton> & Pick<Singleton, 'state'>>();
  const stateOf = (singletonId: string): Singleton => ({ createdAt: 0, state: 'none', ...states.get(singletonId) });
  const starter: RepairStarter = {
    start(singletonId, input) {
      if (isActive(stateOf(singletonId))) return Promise.resolve('active-already');
      const { repairId } = input as { repairId: string };
      states.set(singletonId, { state: 'running', repairId, createdAt: Date.now() });
      started.push({ singletonId, input });
      return Promise.resolve('started');
    },
    look: (singletonId) => Promise.resolve(stateOf(singletonId)),
    terminate(singletonId) {
      terminated.push(singletonId);
      return Promise.resolve();
    },
  };
  return { starter, started, states, terminated };
}

/** The parts of an alert that tests look at or change. */
export interface AlertPayload {
  schemaId: unknown;
  data: { essentials: Record<string, unknown>; alertContext?: unknown; customProperties?: unknown };
}

/** A payload of fixtures/alerts, fresh at every call. */
export function alertPayload(name: string): AlertPayload {
  return JSON.parse(readFileSync(join(__dirname, '../../../fixtures/alerts', `${name}.json`), 'utf8')) as AlertPayload;
}

/** The same with other essentials. */
export function withEssentials(payload: AlertPayload, essentials: Record<string, unknown>): AlertPayload {
  return { ...payload, data: { ...payload.data, essentials: { ...payload.data.essentials, ...essentials } } };
}

/** Resolves in a later millisecond than it was called in: what happens then has another time. */
export async function inALaterMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
}
