/** Tables of few cases in which every two values of different dimensions meet; always the same cases, in the same order. */

/** What can differ, by name, with the values that it can have. */
export type Dimensions = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** One value of each dimension. */
export type Choice<Of extends Dimensions> = { -readonly [Name in keyof Of]: Of[Name][number] };

/** All combinations; the last dimension changes fastest. */
export function everyCombination<const Of extends Dimensions>(dimensions: Of): Choice<Of>[] {
  const choices = Object.entries(dimensions).reduce<Record<string, unknown>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
  return choices as Choice<Of>[];
}

/** Combinations in which each value occurs, and each two values of different dimensions occur together. */
export function pairwise<const Of extends Dimensions>(dimensions: Of): Choice<Of>[] {
  const spread = spreadOver(dimensions);
  const rows: Choice<Of>[] = [];
  while (spread.isIncomplete()) rows.push(spread.next());
  return rows;
}

/**
 * Each subject once, with one combination: those of `pairwise` first, so that every two values occur together if there are
 * subjects enough, and about equally often.
 */
export function eachOnce<Subject extends object, const Of extends Dimensions>(
  subjects: readonly Subject[],
  dimensions: Of,
): (Subject & Choice<Of>)[] {
  const spread = spreadOver(dimensions);
  return subjects.map((subject) => ({ ...subject, ...spread.next() }));
}

/** Gives the combination that has the most of what did not occur yet, and of those the one whose pairs occurred least. */
function spreadOver<const Of extends Dimensions>(dimensions: Of) {
  const combinations = everyCombination(dimensions).map((choice) => ({ choice, parts: partsOf(choice) }));
  const counts = new Map(combinations.flatMap(({ parts }) => parts.map((part) => [part, 0])));
  const countOf = (part: string) => counts.get(part) ?? 0;
  const missing = ({ parts }: { parts: string[] }) => parts.filter((part) => countOf(part) === 0).length;
  const use = ({ parts }: { parts: string[] }) => parts.reduce((sum, part) => sum + countOf(part), 0);
  return {
    isIncomplete: () => [...counts.values()].includes(0),
    next(): Choice<Of> {
      const [best] = combinations.toSorted((one, other) => missing(other) - missing(one) || use(one) - use(other));
      if (!best) throw new Error('A dimension has no values.');
      for (const part of best.parts) counts.set(part, countOf(part) + 1);
      return best.choice;
    },
  };
}

/** Each value of a combination, and each two of them. */
function partsOf(choice: object): string[] {
  const values = Object.entries(choice).map((value) => JSON.stringify(value));
  return values.flatMap((value, index) => [value, ...values.slice(index + 1).map((other) => `${value} ${other}`)]);
}
