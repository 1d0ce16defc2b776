/**
 * The contract of a file in `faults/`: one known failure as it is put into a guest, and the VMs of the fleet that have it.
 * A file is found by being there (known-faults.ts); it is named like the signature that finds it.
 */
import type { Expectation } from '../expectation';
import type { WindowsGuest } from './guest';
import type { GuestLanguage } from './language';

/** A VM of the fleet that is broken so. */
export interface BrokenMachine {
  /** `vm-…`; its computer name is made of it. */
  name: string;
  /** English if not given. */
  language?: GuestLanguage;
  /** V2 if not given. */
  generation?: 'V1' | 'V2';
  /** Breaks a guest that has been up for a while; `at` in ms since the Unix epoch. */
  break: (guest: WindowsGuest, at: number) => void;
  /** What its repair, with the tag `repair`, must come to. */
  expected: Expectation;
}

/** One failure, as it is put into guests. */
export interface Fault {
  /** The signature that finds it: the file's name. */
  signature: string;
  machines: readonly BrokenMachine[];
}

/** Defines a fault; the type checks it. */
export function defineFault<const T extends Fault>(fault: T): T {
  return fault;
}
