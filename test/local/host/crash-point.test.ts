/** A host that is told at which deed it dies, as a process of its own: at that deed, and neither earlier nor later. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type httpModule from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { crashSwitch, type CrashPoint } from '../../../local/host/crash-point';
import { watchedNetwork } from '../../../local/host/worker/watched-network';
import { endWithUs } from '../../../local/processes';

const main = path.resolve(__dirname, '../../../local/host/main.ts');

let folder: string;
let server: Server;
let asked: number;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'host-crash-'));
  asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    response.end('here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

function serverUrl(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/question`;
}

async function startHost(app: string, point?: CrashPoint): Promise<{ url: string; died: Promise<unknown[]> }> {
  const args = ['--app', path.join(__dirname, 'support', app), '--port', '0', '--state', path.join(folder, 'state')];
  const child = fork(main, args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, FIXTURE_FOLDER: folder, ASKED_URL: serverUrl() },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  endWithUs(child);
  children.push(child);
  const died = once(child, 'exit');
  if (!child.stdout) throw new Error('The host has no output.');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  if (point) child.send({ point });
  return { ...(JSON.parse(line) as { url: string }), died };
}

async function durable(url: string, method: string, target: string): Promise<number> {
  const keys = JSON.parse(readFileSync(path.join(folder, 'state/keys.json'), 'utf8')) as { master: string };
  const address = `${url}/runtime/webhooks/durabletask/${target}`;
  return (await fetch(address, { method, headers: { 'x-functions-key': keys.master } })).status;
}

describe('local/host/crash-point: a host that is to die at a commit', () => {
  it.each([
    { when: 'before', left: 404 },
    { when: 'after', left: 202 },
  ] as const)('by SIGKILL, $when it, leaves nothing or all of it behind', async ({ when, left }) => {
    const first = await startHost('restart-app.cjs', { when, nth: 1, deeds: '^commit$' });
    await expect(durable(first.url, 'POST', 'orchestrators/inEvent/one')).rejects.toThrow();
    expect(await first.died).toEqual([null, 'SIGKILL']);

    const second = await startHost('restart-app.cjs');
    expect(await durable(second.url, 'GET', 'instances/one')).toBe(left);
  });
});

describe('local/host/crash-point: a host that is to die at a request of its app', () => {
  it.each([
    { when: 'before', questions: 1 },
    { when: 'after', questions: 2 },
  ] as const)('by SIGKILL, $when the second, has sent nothing of it or all of it', async ({ when, questions }) => {
    const { url, died } = await startHost('calling-app.cjs', { when, nth: 2, deeds: '^GET .*/question' });
    expect((await fetch(`${url}/api/ask`)).status).toBe(200);
    await expect(fetch(`${url}/api/ask`)).rejects.toThrow();

    expect(await died).toEqual([null, 'SIGKILL']);
    expect(asked).toBe(questions);
  });
});

describe('local/host/crash-point: the network of a host that is torn down in its process', () => {
  it('sends nothing any more, and gives no answer that is on its way', async () => {
    const deeds: string[] = [];
    const network = watchedNetwork((when, deed) => {
      deeds.push(`${when} ${deed}`);
      if (when === 'after') network.cut();
    });
    const http = network.module('node:http') as typeof httpModule;
    let answers = 0;
    const request = http.get(serverUrl(), () => (answers += 1));
    const closed = new Promise<void>((resolve) => request.once('socket', (socket) => socket.once('close', resolve)));
    await closed;
    http.get(serverUrl(), () => (answers += 1));
    // Somebody else's question is heard, and would come after that one.
    await fetch(serverUrl());

    expect(deeds).toEqual([`before GET ${serverUrl()}`, `after GET ${serverUrl()} 200`]);
    expect({ asked, answers }).toEqual({ asked: 2, answers: 0 });
  });
});

describe('local/host/crash-point: a crash point', () => {
  const deeds = ['commit', 'GET x', 'begin', 'commit', 'commit', 'end', 'commit'];

  function diedAt(point: CrashPoint): number[] {
    const deaths: number[] = [];
    let now = -1;
    const { set, watch } = crashSwitch(() => deaths.push(now));
    set(point);
    for (const [index, deed] of deeds.entries()) {
      now = index;
      watch('before', deed);
      watch('after', deed);
    }
    return deaths;
  }

  it('is met once, at the nth of the deeds that count', () => {
    expect(diedAt({ when: 'after', nth: 2, deeds: '^commit$' })).toEqual([3]);
    expect(diedAt({ when: 'before', nth: 5, deeds: '^commit$' })).toEqual([]);
  });

  it('counts from one deed on, and until another', () => {
    expect(diedAt({ when: 'before', nth: 2, deeds: '^commit$', from: 'begin' })).toEqual([4]);
    expect(diedAt({ when: 'before', nth: 3, deeds: '^commit$', from: 'begin', until: 'end' })).toEqual([]);
  });
});
