/**
 * A deed is what the host does to the world outside its own memory: `commit` is one of its durable state,
 * `<method> <url>` a request that the app sends, with the answer's status behind it once that is known. Whoever watches them sees every moment at which it matters that the
 * host dies.
 */
export type Deed = string;

/**
 * Told just before each deed (nothing of it is outside yet) and just after it (all of it is, and nobody in here knows).
 * What it does then, such as to end the process, happens at exactly that point.
 */
export type Watch = (when: 'before' | 'after', deed: Deed) => void;

/** Lets everything happen. */
export function noWatch(): void {
  // Nobody looks.
}
