import { commandFor, readOptions } from '../../tools/full-run-options';

describe('tools/full-run-options', () => {
  it('are all of it, with a seed of its own, where nothing is asked for', () => {
    expect(readOptions([], 11)).toEqual({ share: 1, seed: 11, only: ['tests', 'fuzz', 'faults', 'crash'] });
  });

  it('are a share, a seed and some parts, which run in one order', () => {
    const args = ['--sample', '0.02', '--seed', '7', '--only', 'crash, tests'];
    expect(readOptions(args, 11)).toEqual({ share: 0.02, seed: 7, only: ['tests', 'crash'] });
  });

  it.each([
    [['--sample', 'some'], '--sample some: a share is a number above 0'],
    [['--sample', '0'], '--sample 0: a share'],
    [['--sample', '5'], '--sample 5: a share'],
    [['--sample', ''], '--sample : a share'],
    [['--seed', '1.5'], '--seed 1.5: a seed is a whole number'],
    [['--seed', '2147483648'], '--seed 2147483648: a seed'],
    [['--only', 'tests,fuz'], "there is no part 'fuz', only tests, fuzz, faults, crash"],
    [['--only', ''], "there is no part ''"],
    [['--fast'], "Unknown option '--fast'"],
    [['tests'], "Unexpected argument 'tests'"],
  ])('are refused with the reason: %j', (args, reason) => {
    expect(() => readOptions(args, 11)).toThrow(reason);
  });

  it.each([[[]], [['--sample', '0.02']], [['--sample', '0.5', '--only', 'faults,fuzz']]])(
    'can be asked for again: %j',
    (args) => {
      const options = readOptions(args, 11);
      const [command, again = ''] = commandFor(options).split(' -- ');
      expect(command).toBe('npm run test:full');
      expect(readOptions(again.split(' '), 12)).toEqual(options);
    },
  );
});
