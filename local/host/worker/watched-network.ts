/**
 * Node's `http` and `https` as the app gets them: each request is shown to the host's watch, and the death of the host
 * cuts them all off. Only `request` and `get` differ; agents, and so the connections, are the process's own.
 */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Watch } from '../deeds';

export interface Network {
  /** What `require` of this module is to give to the app; undefined where it is the module itself. */
  module: (id: string) => unknown;
  /** From now on no request leaves, and who waits for an answer hears nothing any more. */
  cut: () => void;
}

/** A network of its own for one loading of an app. */
export function watchedNetwork(watch: Watch): Network {
  const open = new Set<ClientRequest>();
  let isCut = false;

  function follow(request: ClientRequest): ClientRequest {
    const deed = `${request.method} ${urlOf(request)}`;
    // Nothing is on its way yet: Node begins to send with the request's end.
    if (!isCut) watch('before', deed);
    open.add(request);
    const emit = request.emit.bind(request) as (event: string | symbol, ...values: unknown[]) => boolean;
    request.emit = function emitUnlessDead(event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'close') open.delete(request);
      if (event === 'response' && !isCut)
        watch('after', `${deed} ${String((values[0] as IncomingMessage).statusCode)}`);
      // Whoever died is told nothing, not even that it failed.
      return isCut || emit(event, ...values);
    };
    if (isCut) request.destroy();
    return request;
  }

  function watched<Module extends typeof http | typeof https>(original: Module): Module {
    // One of three ways to name what is asked for, and who hears the answer.
    type Given = Parameters<typeof http.request>;
    function request(...given: Given): ClientRequest {
      return follow(original.request(...given));
    }
    function get(...given: Given): ClientRequest {
      const begun = request(...given);
      begun.end();
      return begun;
    }
    return { ...original, request, get };
  }

  const modules: Record<string, unknown> = { http: watched(http), https: watched(https) };
  return {
    module: (id) => modules[id.replace(/^node:/, '')],
    cut() {
      isCut = true;
      for (const request of open) request.destroy();
    },
  };
}

function urlOf(request: ClientRequest): string {
  return `${request.protocol}//${String(request.getHeader('host'))}${request.path}`;
}
