/** Waiting in local time. */
import { after, realDelay } from '../clock';

/** Resolves after `localMs` of local time. Does not keep the process alive. */
export function pause(localMs: number): Promise<void> {
  return new Promise((resolve) => {
    after(localMs, resolve, true);
  });
}

/** Calls back every `localMs` of local time, at most every 20 real ms, until the answer is called. */
export function every(localMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, Math.max(20, realDelay(localMs)));
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
