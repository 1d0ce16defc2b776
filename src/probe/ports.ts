/** What a knock at the RDP port from outside the guest was answered. */
export type ProbeAnswer =
  /** Remote Desktop spoke. Whether it lets anybody in is another matter. */
  | { kind: 'answered' }
  /** The connection was turned away at once. */
  | { kind: 'refused' }
  | { kind: 'no-answer'; why: string }
  /** Something else than Remote Desktop spoke. */
  | { kind: 'not-rdp'; why: string };

/** Tries the RDP port from where the app runs. */
export interface Probe {
  /** Within a few seconds, whatever the other end does. Never throws: what went wrong is an answer, too. */
  askForRdp(target: { address: string; port: number }): Promise<ProbeAnswer>;
}
