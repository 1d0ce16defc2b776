/** A process that takes part in a run's time: it tells the time, or computes for a while before it does. */
import { now } from '../../../local/clock';

process.on('message', (computeMs: number) => {
  const before = now();
  const until = performance.now() + computeMs;
  while (performance.now() < until);
  process.send?.({ before, after: now() });
});
process.send?.('ready');
