/** What the service control manager writes into the System log. Ids: MicrosoftDocs/win32, "Service Control Manager". */
import type { DiskContent, EventRecord } from './content';
import type { ServiceConfiguration } from './service-configuration';
import type { StartType } from './services';

const serviceControlManager = {
  provider: 'Service Control Manager',
  providerGuid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
  eventSourceName: 'Service Control Manager',
} satisfies Partial<EventRecord>;

/** Qualifiers of informational and of error records, as real records carry them. */
const qualifiers = { information: 16384, error: 49152 };

/** The words that event 7040 uses for a start type (English Windows). */
const startTypeWords: Record<StartType, string> = {
  0: 'boot start',
  1: 'system start',
  2: 'auto start',
  3: 'demand start',
  4: 'disabled',
};

/** LocalSystem, the account that the agent runs as. */
export const localSystemSid = 'S-1-5-18';
/** The built-in administrator of a made-up machine: stands for a person in the guest. */
export const administratorSid = 'S-1-5-21-2084357190-1409372815-3021894437-500';

interface StartTypeChange {
  content: DiskContent;
  computerName: string;
  service: ServiceConfiguration;
  before: StartType;
  after: StartType;
  userSid: string;
  at: number;
}

/** Event 7040: a start type was changed; its fourth parameter is the service's short name. */
export function recordStartTypeChange(change: StartTypeChange): void {
  if (change.before === change.after) return;
  change.content.appendEvent({
    ...serviceControlManager,
    eventId: 7040,
    qualifiers: qualifiers.information,
    level: 4,
    at: change.at,
    computer: change.computerName,
    userSid: change.userSid,
    parameters: [
      change.service.displayName,
      startTypeWords[change.before],
      startTypeWords[change.after],
      change.service.name,
    ],
  });
}

interface DependencyFailure {
  content: DiskContent;
  computerName: string;
  service: ServiceConfiguration;
  configuration: (service: string) => ServiceConfiguration | undefined;
  at: number;
}

/** Event 7001: a service did not start because one that it needs did not. The error appears as `%%<code>`. */
export function recordDependencyFailure(failure: DependencyFailure): void {
  const needed = failure.service.dependsOn.map(failure.configuration).find((other) => other?.start === 4);
  failure.content.appendEvent({
    ...serviceControlManager,
    eventId: 7001,
    qualifiers: qualifiers.error,
    level: 2,
    at: failure.at,
    computer: failure.computerName,
    parameters: [failure.service.displayName, needed?.displayName ?? '', needed ? '%%1058' : '%%1068'],
  });
}
