/**
 * `npm run check:infra`: compiles and lints every Bicep file of infra/ (rules: infra/bicepconfig.json) and parses every
 * PowerShell script of the project. Any warning fails. Where `bicep` or `pwsh` is not on the PATH, it says what was not
 * checked; tools/install-oracles.sh installs both.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Files of the project below the given folders whose names end so; paths are relative to the project. */
function filesOf(folders, ending) {
  return folders.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(ending))
      .map((path) => join(folder, path)),
  );
}

/** Runs a program and gives all that it says; undefined where it is not installed. */
function run(program, given, environment = {}) {
  const child = spawn(program, given, {
    cwd: project,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    child.on('close', (status) => resolve({ status, lines: linesOf(said.join('')) }));
  });
}

/** A module is read once for each file that uses it, and says the same each time. */
function linesOf(text) {
  return [...new Set(text.split(/\r?\n/).filter(Boolean))];
}

async function checkBicep() {
  const files = filesOf(['infra'], '.bicep');
  const folder = mkdtempSync(join(tmpdir(), 'check-infra-'));
  try {
    const built = await run('bicep', ['build', '--no-restore', '--pattern', 'infra/**/*.bicep', '--outdir', folder]);
    if (!built) return notChecked('bicep', `${files.length} Bicep files`);
    const compiled = (file) => existsSync(join(folder, file.slice('infra/'.length).replace(/\.bicep$/, '.json')));
    const missing = files.filter((file) => !compiled(file)).map((file) => `${file} was not compiled`);
    return failures(built, missing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Windows PowerShell 5.1 runs the scripts in guests, and it does not know the operators that PowerShell 7 added.
const parser = `
$newer = 'QuestionMark', 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr'
foreach ($file in $env:SCRIPTS.Split('|')) {
    $tokens = $null
    $errors = $null
    $null = [System.Management.Automation.Language.Parser]::ParseFile((Resolve-Path $file), [ref]$tokens, [ref]$errors)
    foreach ($one in $errors) { '{0}({1},{2}): {3}' -f $file, $one.Extent.StartLineNumber, $one.Extent.StartColumnNumber, $one.Message }
    foreach ($one in $tokens | Where-Object { $newer -contains $_.Kind }) {
        '{0}({1},{2}): Windows PowerShell does not know {3} here.' -f $file, $one.Extent.StartLineNumber, $one.Extent.StartColumnNumber, $one.Text
    }
}`;

async function checkScripts() {
  const scripts = filesOf(['src', 'local', 'test', 'tools', 'infra', 'bench'], '.ps1');
  const given = ['-NoProfile', '-NonInteractive', '-Command', parser];
  const parsed = await run('pwsh', given, { SCRIPTS: scripts.join('|') });
  return parsed ? failures(parsed) : notChecked('pwsh', `${scripts.length} PowerShell scripts`);
}

function failures({ status, lines }, missing = []) {
  const silent = status !== 0 && lines.length === 0 ? [`ended with ${status} and said nothing`] : [];
  return [...lines, ...silent, ...missing];
}

function notChecked(program, what) {
  console.log(`check:infra: ${program} is not on the PATH, so ${what} were not checked (tools/install-oracles.sh).`);
  return [];
}

const found = (await Promise.all([checkBicep(), checkScripts()])).flat();
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
