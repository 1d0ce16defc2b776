import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AzureAddresses } from '../../local/azure/start-azure';
import { endWithUs } from '../../local/processes';
import { createInterpreter } from './azure-cli-interpreter';

/**
 * Runs what we tell people to type, in their shell, against a simulated Azure and as a person with rights of their own: by the
 * Azure CLI where Debian's `azure-cli` is installed, elsewhere, or with AZ_INTERPRETED=1, by an interpreter of the same lines.
 */

/** How a command ended. */
export interface CommandEnd {
  status: number;
  output: string;
  error: string;
}

export interface PersonsShell {
  /** What `az` is. */
  cli: 'the Azure CLI' | 'the interpreter';
  /** Runs a line in bash; `environment` is added. */
  run(line: string, environment?: Record<string, string>): Promise<CommandEnd>;
  stop(): Promise<void>;
}

type Az = (words: string[]) => Promise<CommandEnd>;

/** Opens a shell in which `az` leads to this Azure. */
export async function openPersonsShell(azure: AzureAddresses): Promise<PersonsShell> {
  const folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-shell-'));
  const socket = join(folder, 'az.sock');
  const interpret = createInterpreter(azure);
  const real = process.env.AZ_INTERPRETED === '1' ? undefined : startAzureCli(azure);
  const az: Az = async (words) => {
    const end = await (real ? real.run(words) : interpret(words));
    // Debian's package has no operations of the network.
    return end ?? interpret(words);
  };
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    let text = '';
    connection.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    connection.on('end', () => {
      void az(JSON.parse(text) as string[])
        .catch((error: unknown): CommandEnd => ({ status: 1, output: '', error: String(error) }))
        .then((end) => connection.end(JSON.stringify(end)));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  writeFileSync(join(folder, 'az'), client);
  chmodSync(join(folder, 'az'), 0o755);
  return {
    cli: real ? 'the Azure CLI' : 'the interpreter',
    run: (line, environment = {}) =>
      runBash(line, {
        ...process.env,
        ...environment,
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        AZ_SOCKET: socket,
      }),
    async stop() {
      server.close();
      await real?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The program `az` of the shell: hands its words over, and prints what came of them. */
const client = `#!${process.execPath}
const connection = require('node:net').connect(process.env.AZ_SOCKET);
let text = '';
connection.end(JSON.stringify(process.argv.slice(2)));
connection.on('data', (chunk) => { text += chunk; });
connection.on('end', () => {
  const { status, output, error } = JSON.parse(text);
  process.stdout.write(output);
  process.stderr.write(error);
  process.exitCode = status;
});
`;

function runBash(line: string, env: NodeJS.ProcessEnv): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    let [output, error] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      error += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status: status ?? 1, output, error });
    });
  });
}

/** The Azure CLI that is installed; undefined if none is. Its answer is undefined where it lacks a part. */
function startAzureCli(
  azure: AzureAddresses,
): { run: (words: string[]) => Promise<CommandEnd | undefined>; stop: () => Promise<void> } | undefined {
  const python = pythonOfAzureCli();
  if (python === undefined) return undefined;
  const child = spawn(python, [join(__dirname, 'azure-cli.py')], { stdio: 'pipe' });
  endWithUs(child);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { armEndpoint, caFile, subscriptionId, identityEndpoint, identityHeader, identities } = azure;
  const about = { armEndpoint, caFile, subscriptionId, identityEndpoint, identityHeader };
  child.stdin.write(`${JSON.stringify({ ...about, clientId: identities.operator })}\n`);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  async function runNow(words: string[]): Promise<CommandEnd | undefined> {
    said = '';
    child.stdin.write(`${JSON.stringify(words)}\n`);
    const line = await answers.next();
    if (line.done === true) throw new Error(`The Azure CLI ended: ${said}`);
    const { status, output } = JSON.parse(line.value) as { status: number | null; output: string };
    return status === null ? undefined : { status, output, error: said };
  }
  return {
    // One after another.
    run(words) {
      const end = last.then(() => runNow(words));
      last = end.catch(() => undefined);
      return end;
    },
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}

/** The Python that runs `az`: the first line of that script names it, or the script of the package calls it. */
export function pythonOfAzureCli(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const script = folders.map((folder) => join(folder, 'az')).find((file) => existsSync(file));
  const text = script === undefined ? '' : readFileSync(script, 'utf8');
  return /^#!(\S*python\S*)/.exec(text)?.[1] ?? /^\s*(?:exec )?(\/\S+\/python3?) /m.exec(text)?.[1];
}
