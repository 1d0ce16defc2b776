/**
 * Sets of IPv4 addresses, as sorted ranges that neither touch nor overlap. Security rules are weighed with them, because
 * only whole sets tell whether anybody at all is let through.
 */

/** First and last address, both of them in the set, as numbers from 0 to 2³² − 1. */
type Range = readonly [first: number, last: number];

export type AddressSet = readonly Range[];

const highest = 0xffff_ffff;

export const nobody: AddressSet = [];
export const everybody: AddressSet = [[0, highest]];

const cidr = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** The addresses of `10.0.0.0/16` or `10.0.0.4`; undefined for what is neither. */
export function parseAddresses(text: string): AddressSet | undefined {
  const [whole, ...parts] = cidr.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const bytes = parts.slice(0, 4).map(Number);
  const bits = Number(parts[4] ?? 32);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  // Bits below the mask say nothing, as in Azure: the prefix is what counts.
  const first = Math.floor(address / size) * size;
  return [[first, first + size - 1]];
}

export function union(...sets: readonly AddressSet[]): AddressSet {
  const merged: [number, number][] = [];
  for (const [first, last] of sets.flat().toSorted(([one], [other]) => one - other)) {
    const previous = merged.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** What is not in the set. */
export function complement(set: AddressSet): AddressSet {
  const gaps: Range[] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= highest) gaps.push([next, highest]);
  return gaps;
}

/** In one walk over both: a service tag can stand for thousands of ranges. */
export function intersection(one: AddressSet, other: AddressSet): AddressSet {
  const shared: Range[] = [];
  let [here, there] = [0, 0];
  for (;;) {
    const [a, b] = [one[here], other[there]];
    if (!a || !b) return shared;
    const [first, last] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    if (first <= last) shared.push([first, last]);
    if (a[1] < b[1]) here += 1;
    else there += 1;
  }
}

export function difference(one: AddressSet, other: AddressSet): AddressSet {
  return intersection(one, complement(other));
}

export function isEmpty(set: AddressSet): boolean {
  return set.length === 0;
}

/** Whether every address of `part` is in `whole`. */
export function covers(whole: AddressSet, part: AddressSet): boolean {
  return isEmpty(difference(part, whole));
}
