import type { Conclusion } from '../../src/activities/progress';

/** What happened when, in ms of virtual time since the repair was accepted. */
export interface Span {
  kind: 'activity' | 'timer' | 'hop';
  /** The activity that ran, or that is waited for. */
  name: string;
  from: number;
  to: number;
  /** Activities: what they answered. */
  answer?: string;
}

/** One measured repair. */
export interface Measured {
  vm: string;
  conclusion: Conclusion;
  /** From its acceptance until the story has ended; cleaning up comes after that. */
  ms: number;
  /** Calls to ARM, without the reading of a snapshot's bytes. */
  calls: number;
  spans: Span[];
}
