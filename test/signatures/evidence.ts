import fc from 'fast-check';
import type { Evidence, Need, Provenance } from '../../src/guest/evidence';

/** Where composed evidence says that it comes from. */
export const from: Provenance = {
  source: 'run-command',
  place: 'reg.exe query …',
  readAt: '2026-01-02T03:04:05.0000000Z',
};

/** A service's configuration, as if it had been read. */
export function configurationOf(service: string, startType: number): Evidence {
  return { kind: 'service-configuration', service, startType, type: 0x20, account: 'NT Authority\\LocalService', from };
}

/** A service's status, as if it had been read. */
export function statusOf(service: string, state: number): Evidence {
  return { kind: 'service-status', service, state, type: 0x20, win32ExitCode: 0, from };
}

/** The Remote Desktop listener, as if it had been looked for. */
export function listenerOf(listening: boolean): Evidence {
  return { kind: 'rdp-listener', port: 3389, listening, from };
}

/** A need that could not be read. */
export function unreadableOf(need: Need, reason: string): Evidence {
  return { kind: 'unreadable', need, reason, from };
}

const text = fc.oneof(fc.constantFrom('Dhcp', 'TermService', 'dhcp', '__proto__'), fc.string());
const number = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.double());
const provenance: fc.Arbitrary<Provenance> = fc.record({
  source: fc.constant('run-command'),
  place: fc.string(),
  readAt: fc.string(),
});
const need: fc.Arbitrary<Need> = fc.oneof(
  fc.record({ kind: fc.constant('service-configuration'), service: text }),
  fc.record({ kind: fc.constant('service-status'), service: text }),
  fc.record({ kind: fc.constant('rdp-listener') }),
);

/** Any evidence of the types that exist, sensible or not. */
export const anyEvidence: fc.Arbitrary<Evidence[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('service-configuration'), service: text, startType: number, from: provenance }),
    fc.record({
      kind: fc.constant('service-status'),
      service: text,
      state: number,
      type: number,
      win32ExitCode: number,
      from: provenance,
    }),
    fc.record({ kind: fc.constant('rdp-listener'), port: number, listening: fc.boolean(), from: provenance }),
    fc.record({ kind: fc.constant('unreadable'), need, reason: fc.string(), from: provenance }),
  ),
  { maxLength: 8 },
);
