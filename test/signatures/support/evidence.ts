import fc from 'fast-check';
import type {
  BootConfiguration,
  BootLoader,
  BootMode,
  BootObject,
  Evidence,
  Need,
  Provenance,
  ServiceEvent,
} from '../../../src/guest/evidence';

/** Where composed evidence says that it comes from. */
export const from: Provenance = {
  source: 'run-command',
  place: 'reg.exe query …',
  readAt: '2026-01-02T03:04:05.0000000Z',
};

/** A service's configuration, as if it had been read. */
export function configurationOf(
  service: string,
  startType: number,
  fields: { type?: number; account?: string } = {},
): Evidence {
  const account = 'NT Authority\\LocalService';
  return { kind: 'service-configuration', service, startType, type: 0x20, account, ...fields, from };
}

/** A service's status, as if it had been read. */
export function statusOf(service: string, state: number, win32ExitCode = 0): Evidence {
  return { kind: 'service-status', service, state, type: 0x20, win32ExitCode, from };
}

/** What the Service Control Manager wrote about a service, as if it had been read. */
export function serviceEventsOf(service: string, ...events: ServiceEvent[]): Evidence {
  const window = { since: '2026-01-01T03:00:00.000Z', until: '2026-01-02T03:00:00.000Z' };
  return { kind: 'service-events', service, ...window, events, isCut: false, from };
}

/** The Remote Desktop listener, as if it had been looked for. */
export function listenerOf(listening: boolean): Evidence {
  return { kind: 'rdp-listener', port: 3389, listening, from };
}

/** What the next boot takes, as if the store had been read; a loader without a flag unless told otherwise. */
export function bootConfigurationOf(next: Partial<BootLoader>, rest: Partial<BootConfiguration> = {}): Evidence {
  const loader = { id: '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}', alternateShell: false, ...next };
  return { kind: 'boot-configuration', next: loader, chosenBy: 'default', others: [], ...rest, from };
}

/** How Windows was booted, as if it had been read. */
export function bootModeOf(mode: BootMode['mode']): Evidence {
  return { kind: 'boot-mode', mode, bootedAt: '2026-01-02T02:00:00.000Z', from };
}

/** Which Windows it is, as if it had been read. */
export function installationOf(isDomainController: boolean): Evidence {
  const productName = 'Windows Server 2022 Datacenter';
  return { kind: 'windows-installation', computerName: 'vm-1', productName, build: '20348', isDomainController, from };
}

/** An object of the boot store, as if it had been read by itself. */
export function bootObjectOf(object: string, fields: Partial<BootObject> = {}): Evidence {
  return { kind: 'boot-object', object, alternateShell: false, ...fields, from };
}

/** A need that could not be read. */
export function unreadableOf(need: Need, reason: string): Evidence {
  return { kind: 'unreadable', need, reason, from };
}

const text = fc.oneof(fc.constantFrom('Dhcp', 'TermService', 'dhcp', '__proto__'), fc.string());
const number = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.double());
const provenance: fc.Arbitrary<Provenance> = fc.record({
  source: fc.constantFrom('run-command', 'snapshot-disk'),
  place: fc.string(),
  readAt: fc.string(),
});
const need: fc.Arbitrary<Need> = fc.oneof(
  fc.record({ kind: fc.constant('service-configuration'), service: text }),
  fc.record({ kind: fc.constant('service-status'), service: text }),
  fc.record({ kind: fc.constant('rdp-listener') }),
  fc.record({ kind: fc.constant('boot-configuration') }),
);
const bootLoader: fc.Arbitrary<BootLoader> = fc.record(
  {
    id: fc.oneof(fc.constantFrom('{current}', '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}'), fc.string()),
    description: fc.string(),
    safeboot: fc.oneof(fc.constantFrom('Minimal', 'Network', 'DsRepair'), fc.integer({ min: 3, max: 99 })),
    alternateShell: fc.boolean(),
  },
  { requiredKeys: ['id', 'alternateShell'] },
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
    fc.record({
      kind: fc.constant('boot-configuration'),
      next: bootLoader,
      chosenBy: fc.constantFrom('bootsequence', 'default', 'only-loader'),
      others: fc.array(bootLoader, { maxLength: 2 }),
      from: provenance,
    }),
    fc.record({
      kind: fc.constant('boot-mode'),
      mode: fc.constantFrom('normal', 'safe', 'Minimal', 'Network', 'DsRepair'),
      from: provenance,
    }),
    fc.record({
      kind: fc.constant('windows-installation'),
      computerName: fc.string(),
      productName: fc.string(),
      build: fc.string(),
      isDomainController: fc.boolean(),
      from: provenance,
    }),
    fc.record({ kind: fc.constant('unreadable'), need, reason: fc.string(), from: provenance }),
  ),
  { maxLength: 8 },
);
