import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { activities } from '../../src/activities';

const root = resolve(__dirname, '../..');
const bundle = join(root, 'dist/main.js');

interface Loaded {
  node: string;
  programmingModel: string;
  functions: {
    name: string;
    callable: boolean;
    bindings: Record<string, { type: string; route?: string; authLevel?: string }>;
  }[];
}

const nodes = [
  { version: process.version, binary: () => process.execPath },
  { version: 'v22', binary: node22 },
];

describe.each(nodes)('worker-contract/worker-contract: the deployed bundle, Node $version', ({ version, binary }) => {
  let loaded: Loaded;

  beforeAll(() => {
    loaded = loadBundle(binary());
  });

  it('runs on the Node that is meant, in the v4 programming model', () => {
    expect(loaded.node.startsWith(version)).toBe(true);
    expect(loaded.programmingModel).toBe('@azure/functions');
  });

  it('registers every activity, orchestrator, door and schedule, and nothing else', () => {
    const byTrigger = (type: string) =>
      loaded.functions
        .filter(({ bindings }) => Object.values(bindings).some((binding) => binding.type === type))
        .map(({ name }) => name);

    expect(byTrigger('activityTrigger').sort()).toEqual(Object.keys(activities).sort());
    expect(byTrigger('orchestrationTrigger').sort()).toEqual([
      'lookByRecoveryVm',
      'mendOnCopy',
      'repair',
      'repairVm',
      'rollBack',
      'untilDone',
    ]);
    expect(byTrigger('httpTrigger').sort()).toEqual([
      'alert',
      'cancelRepair',
      'health',
      'listRepairs',
      'listSignals',
      'requestRepair',
      'requestRollback',
      'showKept',
      'showRepair',
    ]);
    expect(byTrigger('timerTrigger').sort()).toEqual(['purgeEnded', 'reviveRepairs', 'sweepExpired', 'takeInSignals']);
    expect(byTrigger('eventGridTrigger')).toEqual(['vmHealthEvent']);
    expect(loaded.functions).toHaveLength(Object.keys(activities).length + 6 + 9 + 4 + 1);
    expect(loaded.functions.every(({ callable }) => callable)).toBe(true);
  });

  it('asks a function key of every door but health', () => {
    const levels = loaded.functions.flatMap(({ name, bindings }) =>
      Object.values(bindings).flatMap(({ type, authLevel }) =>
        type === 'httpTrigger' ? [[name, authLevel] as const] : [],
      ),
    );

    expect(levels.filter(([, level]) => level !== 'function')).toEqual([['health', 'anonymous']]);
  });
});

describe('worker-contract/worker-contract: what is deployed', () => {
  it('has no word of what runs it on a desk', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(ts|ps1)$/.test(file),
    );
    const texts = [bundle, ...sources.map((file) => join(root, 'src', file))].map(
      (file) => [file, readFileSync(file, 'utf8')] as const,
    );
    const telling = texts.filter(([, text]) => /\blocal\/|LOCAL_CLOCK|simulated/.test(text)).map(([file]) => file);

    expect(sources.length).toBeGreaterThan(50);
    expect(telling).toEqual([]);
  });
});

function loadBundle(node: string): Loaded {
  // No settings at all: loading must not need them, or a wrong one would leave a host without functions.
  const output = execFileSync(node, [join(__dirname, 'support/load-app.cjs'), bundle], { env: {}, encoding: 'utf8' });
  return JSON.parse(output) as Loaded;
}

/** Node 22 from the npm registry, installed when it is first needed. */
function node22(): string {
  const folder = join(__dirname, 'support/node-22');
  const binary = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(binary)) {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    execFileSync(npm, ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: 'pipe', cwd: folder });
  }
  return binary;
}
