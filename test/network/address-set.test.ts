import fc from 'fast-check';
import {
  complement,
  covers,
  difference,
  everybody,
  intersection,
  nobody,
  parseAddresses,
  union,
  type AddressSet,
} from '../../src/network/address-set';

const prefix = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]) => parseAddresses(`${address}/${bits}`) ?? nobody);
const set = fc.array(prefix, { maxLength: 5 }).map((parts) => union(...parts));

function has(addresses: AddressSet, address: number): boolean {
  return addresses.some(([first, last]) => address >= first && address <= last);
}

describe('network/address-set', () => {
  it.each([
    ['10.0.0.0/8', [[0x0a00_0000, 0x0aff_ffff]]],
    ['10.1.2.3/8', [[0x0a00_0000, 0x0aff_ffff]]],
    ['255.255.255.255', [[0xffff_ffff, 0xffff_ffff]]],
    ['0.0.0.0/0', everybody],
  ])('reads %s', (text, expected) => {
    expect(parseAddresses(text)).toEqual(expected);
  });

  it.each(['', '10.0.0', '256.0.0.0', '10.0.0.0/33', '10.0.0.0/', ' 10.0.0.0', '::/0', 'Internet', '10.0.0.0/8\n'])(
    'takes %j for no address',
    (text) => {
      expect(parseAddresses(text)).toBeUndefined();
    },
  );

  it('agrees with membership, address by address', () => {
    fc.assert(
      fc.property(set, set, fc.integer({ min: 0, max: 0xffff_ffff }), (one, other, random) => {
        const edges = [...one, ...other].flatMap(([first, last]) => [first - 1, first, last, last + 1]);
        for (const address of [random, ...edges].filter((number) => number >= 0 && number <= 0xffff_ffff)) {
          const [inOne, inOther] = [has(one, address), has(other, address)];
          expect(has(union(one, other), address)).toBe(inOne || inOther);
          expect(has(intersection(one, other), address)).toBe(inOne && inOther);
          expect(has(difference(one, other), address)).toBe(inOne && !inOther);
          expect(has(complement(one), address)).toBe(!inOne);
        }
      }),
    );
  });

  it('covers its own parts, and everybody only if nobody is left out', () => {
    fc.assert(
      fc.property(set, set, (one, other) => {
        expect(covers(union(one, other), one)).toBe(true);
        expect(covers(one, everybody)).toBe(complement(one).length === 0);
      }),
    );
  });
});
