/** Serves a disk over HTTP in ranges, as a snapshot's SAS does, and counts. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ByteSource } from '../src/disk/byte-source';

/** How long each request takes beyond its own work: what a region's storage answers in, roughly. */
export const latencyMs = 20;

export interface RangeServer {
  url: string;
  /** Requests for bytes, and the bytes, since the last time that this was asked. */
  takeCounts(): { requests: number; bytes: number };
  stop(): Promise<void>;
}

export async function serveRanges(disk: ByteSource): Promise<RangeServer> {
  let counts = { requests: 0, bytes: 0 };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
    if (request.method === 'HEAD' || !range) {
      response.writeHead(200, { 'accept-ranges': 'bytes', 'content-length': disk.size }).end();
      return;
    }
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), disk.size - 1)];
    const length = end - start + 1;
    counts = { requests: counts.requests + 1, bytes: counts.bytes + length };
    const [bytes] = await Promise.all([disk.read(start, length), delay(latencyMs)]);
    response
      .writeHead(206, { 'content-length': length, 'content-range': `bytes ${start}-${end}/${disk.size}` })
      .end(bytes);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk`,
    takeCounts() {
      const taken = counts;
      counts = { requests: 0, bytes: 0 };
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
