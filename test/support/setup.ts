/** Before each test file: bytes are compared as bytes, and whatever the file has started is ended with it. */
import { endProcesses } from '../../local/processes';

// Called when the file's last hook is over (tools/jest-environment.cjs).
Object.assign(globalThis, { endProcesses });

/**
 * Jest compares a buffer as it compares any object, key by key: a second for a MiB. The answer is the same, and a
 * difference is printed as before.
 */
expect.addEqualityTesters([
  function areSameBytes(one: unknown, other: unknown): boolean | undefined {
    if (!Buffer.isBuffer(one) || !Buffer.isBuffer(other)) return undefined;
    return one.equals(other);
  },
]);

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- @types/jest has its types in one, without this method.
  namespace jest {
    interface Expect {
      /** https://jestjs.io/docs/expect#expectaddequalitytesterstesters */
      addEqualityTesters(testers: ((one: unknown, other: unknown) => boolean | undefined)[]): void;
    }
  }
}
