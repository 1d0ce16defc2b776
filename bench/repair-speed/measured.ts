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

/** What a repair takes of a VM's buckets (local/azure/throttling.ts). */
export interface TokensOfVm {
  updates: TokensTaken;
  reads: TokensTaken;
}

interface TokensTaken {
  taken: number;
  /** What was left at the worst moment; null where none was taken. */
  fewest: number | null;
}

/** One measured repair. */
export interface Measured {
  vm: string;
  conclusion: Conclusion;
  /** From its acceptance until the story has ended; cleaning up comes after that. */
  ms: number;
  /** Calls to ARM, without the reading of a snapshot's bytes. */
  calls: number;
  /** By the name of the VM; the clean-up counts too. */
  tokens: Record<string, TokensOfVm>;
  spans: Span[];
}
