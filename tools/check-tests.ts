/**
 * `npm run check:tests`: keeps `test/` a place to read. A file there is a test or stands in a `support/` folder; nothing is
 * larger than a person reads; and a suite's title begins with its file's path, so that a failure says where to look.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

const largest = 200_000;
const suites = ['describe', 'fdescribe', 'xdescribe'];
const tests = ['it', 'fit', 'xit', 'test', 'xtest'];

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly expected: string;
  readonly found: string;
}

/** What is wrong with a file, by its path from the project's folder: with its place, its size, the titles of its suites. */
export function problemsIn(path: string, content: Buffer): Problem[] {
  const problems: Problem[] = [];
  const isTest = path.endsWith('.test.ts');
  if (!isTest && !path.split('/').includes('support'))
    problems.push({ path, line: 1, expected: '*.test.ts, or a folder support/', found: 'a helper among tests' });
  if (content.length > largest)
    problems.push({
      path,
      line: 1,
      expected: `at most ${largest} bytes, or fixtures/`,
      found: `${content.length} bytes`,
    });
  return isTest ? [...problems, ...problemsOfSuites(path, content.toString())] : problems;
}

function problemsOfSuites(path: string, text: string): Problem[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const place = path.replace(/^test\//, '').replace(/(\.full)?\.test\.ts$/, '');
  const expected = `a suite whose title is '${place}' or begins with '${place}: '`;
  const calls = topCalls(source);
  if (calls.length === 0) return [{ path, line: 1, expected, found: 'no suite' }];
  return calls
    .filter(({ kind, call }) => kind === 'test' || !isTitled(call, place))
    .map(({ call }) => ({
      path,
      line: source.getLineAndCharacterOfPosition(call.getStart()).line + 1,
      expected,
      found: `${call.expression.getText().replaceAll(/\s+/g, ' ')}(${call.arguments[0]?.getText() ?? ''}`,
    }));
}

interface TopCall {
  readonly kind: 'suite' | 'test';
  readonly call: ts.CallExpression;
}

/** The suites and tests that stand in no other: also those in a loop, and by another name (`const whenReady = describe`). */
function topCalls(source: ts.SourceFile): TopCall[] {
  const aliases = aliasesIn(source);
  const found: TopCall[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isVariableStatement(node)) return;
    const kind = ts.isCallExpression(node) ? kindOf(node.expression, aliases) : undefined;
    if (kind && ts.isCallExpression(node)) found.push({ kind, call: node });
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** What every variable of the file stands for. */
function aliasesIn(source: ts.SourceFile): Map<string, ts.Expression> {
  const aliases = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer) aliases.set(node.name.getText(), node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return aliases;
}

function kindOf(callee: ts.Expression, aliases: ReadonlyMap<string, ts.Expression>): TopCall['kind'] | undefined {
  const name = firstName(callee);
  if (tests.includes(name)) return 'test';
  // Functions that choose one, such as describeWith of test/disk/support/installed-tools.ts, are told by their names.
  if (suites.includes(name) || name.startsWith('describe')) return 'suite';
  const meant = aliases.get(name);
  return meant && firstName(meant) !== name ? kindOf(meant, aliases) : undefined;
}

/** `describe` of `describe.skip.each(table)`, and of `(canRun ? describe : describe.skip)`. */
function firstName(expression: ts.Expression): string {
  if (ts.isCallExpression(expression) || ts.isPropertyAccessExpression(expression))
    return firstName(expression.expression);
  if (ts.isTaggedTemplateExpression(expression)) return firstName(expression.tag);
  if (ts.isParenthesizedExpression(expression)) return firstName(expression.expression);
  if (ts.isConditionalExpression(expression)) return firstName(expression.whenTrue);
  return ts.isIdentifier(expression) ? expression.text : '';
}

function isTitled(call: ts.CallExpression, place: string): boolean {
  const [title] = call.arguments;
  if (!title) return false;
  if (ts.isTemplateExpression(title)) return title.head.text.startsWith(`${place}: `);
  return ts.isStringLiteralLike(title) && (title.text === place || title.text.startsWith(`${place}: `));
}

function main(): number {
  const root = join(__dirname, '..');
  const paths = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll(sep, '/'),
    )
    .filter((path) => !path.includes('/node_modules/'))
    .sort();
  const problems = paths.flatMap((path) => problemsIn(path, readFileSync(join(root, path))));
  for (const { path, line, expected, found } of problems)
    console.error(`${path}:${line}\n  expected: ${expected}\n  found:    ${found}`);
  return problems.length === 0 ? 0 : 1;
}

if (require.main === module) process.exitCode = main();
