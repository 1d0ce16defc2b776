import { compileRoute } from '../../../local/host/http/routes';

describe('local/host/routes: route templates', () => {
  it.each([
    ['repairs/{repairId}', 'repairs/r-1', { repairId: 'r-1' }],
    ['repairs/{repairId}', 'REPAIRS/R-1/', { repairId: 'R-1' }],
    ['repairs/{repairId}', 'repairs', undefined],
    ['repairs/{repairId}', 'repairs/a/b', undefined],
    ['repairs/{repairId?}', 'repairs', {}],
    ['repairs/{repairId=all}', 'repairs', { repairId: 'all' }],
    ['files/{*path}', 'files/a/b%20c', { path: 'a/b c' }],
    ['files/{*path}', 'files', {}],
    ['{name:alpha}/{id:int?}', 'abc/12', { name: 'abc', id: '12' }],
    ['{name:alpha}/{id:int?}', 'abc', { name: 'abc' }],
    ['{name:alpha}', 'abc1', undefined],
    ['{id:int}', '-5', { id: '-5' }],
    ['{id:guid}', '6f9619ff-8b86-d011-b42d-00c04fc964ff', { id: '6f9619ff-8b86-d011-b42d-00c04fc964ff' }],
    ['{id:guid}', '6f9619ff', undefined],
    ['{id:length(3)}', 'abcdef', { id: 'abcdef' }],
    ['report.{format}', 'report.json', { format: 'json' }],
    ['report.{format}', 'reportXjson', undefined],
    ['', '', {}],
  ])('%s and %s', (template, path, expected) => {
    expect(compileRoute(template).match(path)).toEqual(expected);
  });

  it.each(['a/{b', 'a/b}', 'a/{}', 'a/{b:}'])('refuses %s', (template) => {
    expect(() => compileRoute(template)).toThrow(/unmatched brace|not understood/);
  });

  it('tries literals before constrained parameters, free ones and catch-alls', () => {
    const templates = ['a/{*rest}', 'a/{x}', 'a/b', 'a/{x:int}'];
    const ordered = templates.map(compileRoute).sort((left, right) => left.rank.localeCompare(right.rank));
    expect(ordered.map(({ template }) => template)).toEqual(['a/b', 'a/{x:int}', 'a/{x}', 'a/{*rest}']);
  });
});
