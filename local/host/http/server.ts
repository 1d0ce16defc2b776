/** The two listeners of the host, both on the loopback address only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, type Log } from '../log';
import { BodyTooLarge, readRequest, writeResponse, type HostRequest, type HostResponse } from './messages';

/** 210 MB, for all plans: MicrosoftDocs/azure-docs:includes/functions-limits.md ("Max request size") */
const defaultBodyLimit = 210 * 1024 * 1024;

/** The largest request body in bytes; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT sets another, as for the real host. */
export function bodyLimit(environment: NodeJS.ProcessEnv = process.env): number {
  const given = Number(environment.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT);
  return given > 0 ? given : defaultBodyLimit;
}

export interface Listener {
  port: number;
  /** Takes no new connections and ends the open ones: idle ones at once, the others when they are answered. */
  close(): Promise<void>;
  /** Cuts all connections. */
  cut(): void;
}

/** Listens on 127.0.0.1; port 0 takes any. Rejects when the port is taken. */
export async function listen(
  port: number,
  limit: number,
  answer: (request: HostRequest) => Promise<HostResponse>,
  log: Log,
): Promise<Listener> {
  const server = createServer((incoming, outgoing) => {
    void respond(incoming, outgoing, limit, answer, log);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => close(server),
    cut: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limit: number,
  answer: (request: HostRequest) => Promise<HostResponse>,
  log: Log,
): Promise<void> {
  const request = readRequest(incoming, limit);
  const response = request ? await guarded(() => answer(request), log) : { status: 400 };
  // What was not read of a refused body must not be taken for the next request.
  if (!incoming.complete) outgoing.setHeader('connection', 'close');
  try {
    writeResponse(outgoing, response);
  } catch (error) {
    log('error', `An answer could not be written: ${messageOf(error)}`);
    outgoing.destroy();
  }
}

async function guarded(answer: () => Promise<HostResponse>, log: Log): Promise<HostResponse> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof BodyTooLarge) return { status: 413 };
    if (error instanceof URIError) return { status: 400 };
    log('error', `A request failed inside the host: ${messageOf(error)}`);
    return { status: 500 };
  }
}
