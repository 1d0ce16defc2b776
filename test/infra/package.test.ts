import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infraFolder, projectFolder } from './support/bicep';

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'package-'));
  for (const file of ['package.json', 'host.json']) copyFileSync(join(projectFolder, file), join(project, file));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

function stage() {
  return spawnSync(process.execPath, [join(infraFolder, 'stage-package.mjs'), project], { encoding: 'utf8' });
}

function stagedFiles(): string[] {
  return readdirSync(join(project, 'dist', 'package'), { recursive: true, encoding: 'utf8' }).sort();
}

describe('infra/package: the deployed package', () => {
  beforeEach(() => {
    mkdirSync(join(project, 'dist'));
    writeFileSync(join(project, 'dist', 'main.js'), 'bundle');
    writeFileSync(join(project, 'dist', 'main.js.map'), 'map');
  });

  it('is the bundle, host.json and package.json', () => {
    expect(stage()).toMatchObject({ status: 0, stderr: '' });
    expect(stagedFiles()).toEqual(['dist', 'dist/main.js', 'host.json', 'package.json']);
    expect(readFileSync(join(project, 'dist', 'package', 'dist', 'main.js'), 'utf8')).toBe('bundle');
  });

  it('names the bundle as its entry and gives a build in Azure nothing to install or run', () => {
    stage();
    const staged = JSON.parse(readFileSync(join(project, 'dist', 'package', 'package.json'), 'utf8')) as object;
    expect(staged).toMatchObject({ main: 'dist/main.js' });
    expect(Object.keys(staged).sort()).toEqual(['main', 'name', 'private', 'version']);
  });

  it('keeps nothing of the package before', () => {
    stage();
    writeFileSync(join(project, 'dist', 'package', 'left-over.txt'), '');
    stage();
    expect(stagedFiles()).not.toContain('left-over.txt');
  });

  it('is what azure.yaml deploys', () => {
    const azure = readFileSync(join(projectFolder, 'azure.yaml'), 'utf8');
    expect(azure).toMatch(/^ {4}dist: dist\/package$/m);
    expect(azure).toMatch(/^ {4}remoteBuild: false$/m);
    const calls = azure.match(/node infra\/stage-package\.mjs/g);
    expect(calls).toHaveLength(2);
  });
});

describe('infra/package: staging without a bundle', () => {
  it('fails and says what to run', () => {
    const { status, stderr } = stage();
    expect(status).toBe(1);
    expect(stderr).toContain('npm run build');
  });
});

describe('infra/package: .funcignore', () => {
  it('ignores everything and takes back exactly what is deployed', () => {
    const lines = readFileSync(join(projectFolder, '.funcignore'), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(lines[0]).toBe('/*');
    expect(lines.filter((line) => line.startsWith('!'))).toEqual([
      '!/host.json',
      '!/package.json',
      '!/dist',
      '!/dist/main.js',
    ]);
    expect(lines.indexOf('/dist/*')).toBeLessThan(lines.indexOf('!/dist/main.js'));
  });
});
