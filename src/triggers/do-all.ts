/** Does each task in its turn; the fault of one keeps no other from its own. Throws the first fault at the end. */
export async function doAll(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const task of tasks) {
    await task().catch((error: unknown) => faults.push(error));
  }
  if (faults.length > 0) throw faults[0];
}
