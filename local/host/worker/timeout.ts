/** `functionTimeout` of host.json. */
import { realDelay } from '../../clock';

/**
 * The call's result, or an error after `milliseconds` of local time (Infinity: never). The real host also ends the
 * worker process then; here the function goes on unheard, because it shares its process with the host.
 */
export async function withTimeout<T>(call: Promise<T>, milliseconds: number, functionName: string): Promise<T> {
  const wait = realDelay(milliseconds);
  if (wait > 2 ** 31 - 1) return call;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Timeout value of ${milliseconds / 1000} s exceeded by function: ${functionName}`));
    }, wait);
  });
  try {
    return await Promise.race([call, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
