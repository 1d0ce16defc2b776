/**
 * When durable timers fire. A timer is a message that Azure Queue Storage hides for a number of whole seconds, so it comes up to 1 s
 * early (Azure/durabletask:src/DurableTask.AzureStorage/Messaging/TaskHubQueue.cs, GetVisibilityDelay;
 * https://learn.microsoft.com/rest/api/storageservices/put-message, visibilitytimeout), and is found when the queue is looked at again,
 * late by up to `maxQueuePollingInterval`. Measured on a real host: half of them early, some 5 s late where that is the interval.
 */
import { createHash } from 'node:crypto';

/** When the timer of this name is due that is to fire at `fireAt` and is set now; all in ms since the Unix epoch. */
export type TimerDue = (name: string, times: { fireAt: number; now: number }) => number;

/** All on time. */
export const exactTimers: TimerDue = (_name, { fireAt }) => fireAt;

const earliestMs = 1_000;
const shareOfEarly = 0.5;
const shareOfLate = 0.1;

/** Half are early and a tenth late; which ones follows from seed and name. */
export function inexactTimers(seed: number, maxQueuePollingInterval: number): TimerDue {
  return (name, { fireAt, now }) => {
    const digest = createHash('sha256').update(`${seed}/${name}`).digest();
    const chance = digest.readUInt32LE(0) / 2 ** 32;
    const extent = digest.readUInt32LE(4) / 2 ** 32;
    if (chance < shareOfEarly) return Math.max(now, fireAt - Math.ceil(extent * earliestMs));
    return chance >= 1 - shareOfLate ? fireAt + maxQueuePollingInterval : fireAt;
  };
}
