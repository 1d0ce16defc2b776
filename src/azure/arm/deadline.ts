/** A signal that aborts when its time is over or when its parent aborts, whichever is first. */
export interface Deadline {
  signal: AbortSignal;
  /** Aborts at once. */
  abort: () => void;
  /** Lets go of it: it will not abort any more. To be called when what it was for has ended. */
  clear: () => void;
}

/** What of a signal is needed: the SDK's type of one has no more. */
interface Parent {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Begins a deadline of so many ms. */
export function deadline(ms: number, parent?: Parent): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(abort, ms);
  parent?.addEventListener('abort', abort);
  if (parent?.aborted) abort();

  function clear(): void {
    clearTimeout(timer);
    parent?.removeEventListener('abort', abort);
  }
  function abort(): void {
    clear();
    controller.abort();
  }
  return { signal: controller.signal, abort, clear };
}
