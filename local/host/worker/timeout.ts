/** `functionTimeout` of host.json. */
import { after } from '../../clock';

/**
 * The call's result, or an error after `milliseconds` of local time (Infinity: never). The real host also ends the
 * worker process then; here the function goes on unheard, because it shares its process with the host.
 */
export async function withTimeout<T>(call: Promise<T>, milliseconds: number, functionName: string): Promise<T> {
  if (milliseconds === Infinity) return call;
  let cancel: () => void = () => undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    cancel = after(milliseconds, () => {
      reject(new Error(`Timeout value of ${milliseconds / 1000} s exceeded by function: ${functionName}`));
    });
  });
  try {
    return await Promise.race([call, tooLate]);
  } finally {
    cancel();
  }
}
