/** The host as a process: what only a real process can show. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '../../../local/processes';

// Four processes are started here; on a busy machine that takes a while.
const root = path.resolve(__dirname, '../../..');
const support = path.join(__dirname, 'support');

let folder: string;
const processes: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'host-main-'));
});
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ready {
  ready: true;
  url: string;
  functions: string[];
  error?: string;
}

interface HostProcess {
  child: ChildProcess;
  ready: Ready;
  stdout: string[];
  stderr: () => string;
}

async function startProcess(app: string, environment: Record<string, string> = {}): Promise<HostProcess> {
  const entry = path.join(root, 'local/host/main.ts');
  const given = ['--app', path.join(support, app), '--port', '0', '--state', path.join(folder, 'state')];
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...given], {
    cwd: root,
    env: { ...process.env, FIXTURE_FOLDER: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  processes.push(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const stdout: string[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => stdout.push(line));
  await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`The host ended: ${errors}`))),
  ]);
  return { child, ready: JSON.parse(stdout[0] ?? '') as Ready, stdout, stderr: () => errors };
}

async function call(host: HostProcess, method: string, target: string, body?: unknown): Promise<Response> {
  const keys = JSON.parse(readFileSync(path.join(folder, 'state/keys.json'), 'utf8')) as { master: string };
  const url = `${host.ready.url}/${target}`;
  const headers = { 'x-functions-key': keys.master };
  return fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

const instances = 'runtime/webhooks/durabletask/instances';

async function statusWhen(host: HostProcess, id: string, wanted: string): Promise<Record<string, unknown>> {
  for (;;) {
    const response = await call(host, 'GET', `${instances}/${id}?showHistory=true`);
    const status = (await response.json()) as Record<string, unknown>;
    if (status.runtimeStatus === wanted) return status;
  }
}

describe('local/host/main: the host process', () => {
  it('killed in an activity of a child, a timer and a wait, comes to the same end, each answer written once', async () => {
    // Local time runs 2,000 times as fast, so half an hour passes in less than a second.
    const environment = { LOCAL_CLOCK: JSON.stringify({ origin: Date.now(), speed: 2000 }) };
    const before = await startProcess('restart-app.cjs', environment);
    expect(before.ready.functions).toEqual(['held', 'child', 'inActivity', 'inTimer', 'inEvent', 'hello']);
    const hello = (await (await fetch(`${before.ready.url}/api/hello`)).json()) as { hostname: string; time: string };
    expect(`http://${hello.hostname}`).toBe(before.ready.url);
    expect(Date.parse(hello.time)).toBeGreaterThan(Date.now() + 60_000);

    const half = 30 * 60_000;
    for (const name of ['inActivity', 'inTimer', 'inEvent']) {
      const response = await call(before, 'POST', `runtime/webhooks/durabletask/orchestrators/${name}/${name}`, half);
      expect(response.status).toBe(202);
      await statusWhen(before, name, 'Running');
    }
    const runs = (): string[] => {
      try {
        return readFileSync(path.join(folder, 'runs'), 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    while (runs().length === 0) await new Promise((resolve) => setImmediate(resolve));
    before.child.kill('SIGKILL');
    await once(before.child, 'exit');

    writeFileSync(path.join(folder, 'release'), '');
    const after = await startProcess('restart-app.cjs', environment);
    expect((await call(after, 'POST', `${instances}/inEvent/raiseEvent/go`, 'kept')).status).toBe(202);
    const inActivity = await statusWhen(after, 'inActivity', 'Completed');
    expect(inActivity.output).toBe('in a child done');
    expect((await statusWhen(after, 'inTimer', 'Completed')).output).toBe(true);
    expect((await statusWhen(after, 'inEvent', 'Completed')).output).toBe('kept');
    expect(runs()).toEqual(['in a child', 'in a child']);
    const all = (await (await call(after, 'GET', `${instances}/`)).json()) as { name: string; instanceId: string }[];
    const child = all.find(({ name }) => name === 'child')?.instanceId ?? '';
    const { historyEvents } = await statusWhen(after, child, 'Completed');
    const answers = (historyEvents as { EventType: string }[]).filter(({ EventType }) => EventType === 'TaskCompleted');
    expect(answers).toHaveLength(1);

    expect(after.stdout).toHaveLength(1);
    expect(statSync(path.join(folder, 'state/keys.json')).mode & 0o777).toBe(0o600);
    after.child.kill('SIGTERM');
    expect(await once(after.child, 'exit')).toEqual([0, null]);
  });

  it('stays up without functions when the app cannot be loaded, and says why', async () => {
    const host = await startProcess('broken-app.cjs');
    expect(host.ready).toMatchObject({ functions: [], error: 'The setting VAULT_NAME is missing.' });
    expect((await fetch(`${host.ready.url}/api/registered`)).status).toBe(404);
    expect(await (await call(host, 'GET', 'admin/host/status')).json()).toMatchObject({
      state: 'Error',
      errors: ['The setting VAULT_NAME is missing.'],
    });
    expect(host.stderr()).toMatch(/could not be loaded.*VAULT_NAME/);
  });
});
