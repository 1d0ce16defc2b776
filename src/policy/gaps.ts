/** A span of time, in ms since the Unix epoch; both ends belong to it. */
export interface Span {
  from: number;
  to: number;
}

/** What of `whole` lies outside of all `taken` spans, in its order, without spans of no length. Pure. */
export function gapsBetween(whole: Span, taken: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let { from } = whole;
  for (const span of taken.toSorted((one, other) => one.from - other.from)) {
    if (span.from > from) gaps.push({ from, to: Math.min(span.from - 1, whole.to) });
    from = Math.max(from, span.to + 1);
  }
  if (from <= whole.to) gaps.push({ from, to: whole.to });
  return gaps.filter((gap) => gap.from < gap.to && gap.from <= whole.to);
}
