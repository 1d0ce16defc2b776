/**
 * What can be known of a guest, as data. A signature names what it needs; a source answers with evidence that says
 * where and when it was read, or why it could not be read.
 */

/** Ways to see a guest (design: "source"). */
export type Source = 'run-command';

/** One fact that a signature may ask for. */
export type Need =
  | { kind: 'service-configuration'; service: string }
  | { kind: 'service-status'; service: string }
  | { kind: 'rdp-listener' };

/** Where and when evidence was read. */
export interface Provenance {
  source: Source;
  /** The command line, file or key that it was read from. */
  place: string;
  /** When it was read (ISO 8601, the guest's own clock for guest sources). */
  readAt: string;
}

/** How a service is configured. Numbers as in SERVICE_START and SERVICE_TYPE. */
export interface ServiceConfiguration {
  kind: 'service-configuration';
  service: string;
  /** 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled. */
  startType: number;
  /** SERVICE_* type bits; undefined if the value is not there. */
  type?: number;
  /** The account it runs as; undefined if the value is not there. */
  account?: string;
}

/** What a service is doing. */
export interface ServiceStatusEvidence {
  kind: 'service-status';
  service: string;
  state: number;
  type: number;
  win32ExitCode: number;
}

/** Whether the guest listens for Remote Desktop. */
export interface RdpListener {
  kind: 'rdp-listener';
  port: number;
  listening: boolean;
}

/** A fact that was asked for and could not be read. */
export interface UnreadableEvidence {
  kind: 'unreadable';
  need: Need;
  reason: string;
}

/** A fact of the guest. */
export type Evidence = (ServiceConfiguration | ServiceStatusEvidence | RdpListener | UnreadableEvidence) & {
  from: Provenance;
};

type EvidenceOf<Kind extends Evidence['kind']> = Extract<Evidence, { kind: Kind }>;

/** The configuration of a service, if it was read. */
export function serviceConfiguration(
  evidence: Evidence[],
  service: string,
): EvidenceOf<'service-configuration'> | undefined {
  return evidence.filter((item) => item.kind === 'service-configuration').find((item) => item.service === service);
}

/** The status of a service, if it was read. */
export function serviceStatus(evidence: Evidence[], service: string): EvidenceOf<'service-status'> | undefined {
  return evidence.filter((item) => item.kind === 'service-status').find((item) => item.service === service);
}

/** The Remote Desktop listener, if it was read. */
export function rdpListener(evidence: Evidence[]): EvidenceOf<'rdp-listener'> | undefined {
  return evidence.find((item) => item.kind === 'rdp-listener');
}

/** Why a need could not be read, if it was tried. */
export function unreadableReason(evidence: Evidence[], need: Need): string | undefined {
  const wanted = JSON.stringify(need);
  const found = evidence.find((item) => item.kind === 'unreadable' && JSON.stringify(item.need) === wanted);
  return found?.kind === 'unreadable' ? found.reason : undefined;
}
