import { createServer, type Server, type Socket } from 'node:net';
import { connectionRequest } from '../../src/probe/connection-confirm';
import { rdpProbe } from '../../src/probe/rdp-probe';

const confirm = Buffer.from('030000130ed000001234000209080002000000', 'hex');
const limitMs = 300;
let server: Server | undefined;
let peers: Socket[] = [];

afterEach(() => {
  for (const peer of peers) peer.destroy();
  peers = [];
  server?.close();
});

/** A real listener on this machine; gives its port. */
function listen(serve: (socket: Socket) => void): Promise<number> {
  return new Promise((resolve) => {
    server = createServer((socket) => {
      peers.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server?.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function ask(port: number) {
  const begunAt = performance.now();
  const answer = await rdpProbe(limitMs).askForRdp({ address: '127.0.0.1', port });
  return { answer, tookMs: performance.now() - begunAt };
}

describe('probe/rdp-probe', () => {
  it('is answered by Remote Desktop, after the one request that it sends', async () => {
    const heard: Buffer[] = [];
    const port = await listen((socket) =>
      socket.on('data', (chunk) => {
        heard.push(chunk);
        socket.write(confirm);
      }),
    );
    expect((await ask(port)).answer).toEqual({ kind: 'answered' });
    expect(Buffer.concat(heard)).toEqual(Buffer.from(connectionRequest));
  });

  it('understands an answer that comes byte by byte', async () => {
    const port = await listen((socket) => {
      socket.setNoDelay(true);
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(confirm.subarray(sent, sent + 1));
        sent += 1;
        if (sent === confirm.length) clearInterval(timer);
      }, 2);
    });
    expect((await ask(port)).answer).toEqual({ kind: 'answered' });
  });

  it('is refused where nothing listens', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect((await ask(port)).answer).toEqual({ kind: 'refused' });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['drips', drip],
  ])('gives up in time on a peer that %s', async (_what, serve) => {
    const { answer, tookMs } = await ask(await listen(serve));
    expect(answer).toMatchObject({ kind: 'no-answer', why: expect.stringContaining('within 0.3 s') as string });
    expect(tookMs).toBeLessThan(limitMs + 1_000);
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['sends garbage', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'not-rdp'],
    ['floods', (socket) => socket.write(Buffer.alloc(4 * 1024 * 1024, 3)), 'not-rdp'],
    ['hangs up', (socket) => socket.end(), 'no-answer'],
    ['resets the connection', (socket) => socket.resetAndDestroy(), 'no-answer'],
  ])('takes a peer that %s for no Remote Desktop', async (_what, serve, kind) => {
    expect((await ask(await listen(serve))).answer).toMatchObject({ kind });
  });

  it('has an answer for an address that cannot be reached', async () => {
    const answer = await rdpProbe(limitMs).askForRdp({ address: '255.255.255.255', port: 3389 });
    expect(answer.kind).toBe('no-answer');
  });
});

/** A confirm that would be whole long after the limit. */
function drip(socket: Socket): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(confirm.subarray(sent, (sent += 1)));
  }, 100);
  socket.on('close', () => {
    clearInterval(timer);
  });
}
