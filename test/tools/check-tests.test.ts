import { problemsIn } from '../../tools/check-tests';

/** What is found in a file, as `line: found`. */
function found(path: string, ...lines: string[]): string[] {
  return problemsIn(path, Buffer.from(lines.join('\n'))).map(({ line, found }) => `${line}: ${found}`);
}

describe('tools/check-tests', () => {
  const path = 'test/policy/decide.test.ts';

  it.each([
    ['the path', "describe('policy/decide', () => {});"],
    ['the path and what is meant', "describe('policy/decide: a tag', () => {});"],
    ['a table', "describe.each([1, 2])('policy/decide: %s', () => {});"],
    ['a template', 'describe(`policy/decide: ${name}`, () => {});'],
    ['a choice', "(canRun ? describe : describe.skip)('policy/decide', () => {});"],
    ['another name for describe', "const whenReady = describe.skip;\nwhenReady('policy/decide', () => {});"],
    ['a function that chooses', "describeWith('sfdisk')('policy/decide', () => {});"],
    [
      'tests below it',
      "describe('policy/decide', () => {\n  describe('a tag', () => {\n    it('counts', () => {});\n  });\n});",
    ],
  ])('lets pass a suite by %s', (_, text) => {
    expect(problemsIn(path, Buffer.from(text))).toEqual([]);
  });

  it('says where a title does not begin with the path, what it should be and what it is', () => {
    expect(problemsIn(path, Buffer.from("\ndescribe('policy', () => {});"))).toEqual([
      {
        path,
        line: 2,
        expected: "a suite whose title is 'policy/decide' or begins with 'policy/decide: '",
        found: "describe('policy'",
      },
    ]);
  });

  it.each([
    ['a longer path', "describe('policy/decided', () => {});"],
    ['words after the path', "describe('policy/decide says no', () => {});"],
    ['a table', "describe.each([1, 2])('%s', () => {});"],
    ['a template that begins with a placeholder', 'describe(`${name}`, () => {});'],
    ['a placeholder right behind the path', 'describe(`policy/decide${name}`, () => {});'],
    ['a title that is not written there', 'describe(title, () => {});'],
    ['another name for describe', "const whenReady = canRun ? describe : describe.skip; whenReady('a tag', () => {});"],
    ['a loop', "for (const name of names) { describe('a tag', () => {}); }"],
    ['a loop by a function', "names.forEach((name) => describe('a tag', () => {}));"],
    ['a function that chooses', "describeWith('sfdisk')('a tag', () => {});"],
  ])('finds a wrong title: %s', (_, text) => {
    expect(found(path, text)).toHaveLength(1);
  });

  it.each([
    "it('counts', () => {});",
    "test.each([1])('%s', () => {});",
    "const maybe = it.skip; maybe('counts', () => {});",
  ])('refuses a test outside every suite: %s', (text) => {
    expect(found(path, "describe('policy/decide', () => {});", text)).toEqual([expect.stringMatching(/^2: /)]);
  });

  it('refuses a test file without a suite, such as one whose suite hides behind a name that is not known', () => {
    expect(found(path, "whenReady('policy/decide', () => {});")).toEqual(['1: no suite']);
  });

  it('asks a full test for the path of the short one', () => {
    expect(found('test/policy/decide.full.test.ts', "describe('policy/decide: all', () => {});")).toEqual([]);
    expect(found('test/policy/decide.full.test.ts', "describe('policy/decide.full', () => {});")).toHaveLength(1);
  });

  it('lets helpers stand in support/ only', () => {
    expect(found('test/policy/support/facts.ts')).toEqual([]);
    expect(found('test/support/answers.json')).toEqual([]);
    expect(found('test/policy/facts.ts')).toEqual(['1: a helper among tests']);
    expect(found('test/policy/facts.test.js')).toEqual(['1: a helper among tests']);
  });

  it('refuses what is too large to be read', () => {
    expect(problemsIn('test/support/disk.gz', Buffer.alloc(200_000))).toEqual([]);
    expect(problemsIn('test/support/disk.gz', Buffer.alloc(200_001))).toHaveLength(1);
  });
});
