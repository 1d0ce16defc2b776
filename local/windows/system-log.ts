/** What the service control manager writes into the System log. Ids: MicrosoftDocs/win32, "Service Control Manager". */
import type { DiskContent, EventRecord } from './content';
import type { GuestLanguage, Translated } from './language';
import type { ServiceConfiguration } from './service-configuration';
import type { FailedDependency } from './service-manager';
import type { StartType } from './services';

const serviceControlManager = {
  provider: 'Service Control Manager',
  providerGuid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
  eventSourceName: 'Service Control Manager',
} satisfies Partial<EventRecord>;

/** Qualifiers of informational and of error records, as real records carry them. */
const qualifiers = { information: 16384, error: 49152 };

/**
 * The words that event 7040 uses for a start type. English: a real log. German and French: "Automatisch starten" and
 * "Deaktiviert" are in public texts; the others are assumed.
 */
const startTypeWords: Translated<Record<StartType, string>> = {
  'en-US': { 0: 'boot start', 1: 'system start', 2: 'auto start', 3: 'demand start', 4: 'disabled' },
  'de-DE': {
    0: 'Beim Start starten',
    1: 'Systemstart',
    2: 'Automatisch starten',
    3: 'Manuell starten',
    4: 'Deaktiviert',
  },
  'fr-FR': {
    0: 'Démarrage de l’ordinateur',
    1: 'Démarrage système',
    2: 'Démarrage automatique',
    3: 'Démarrage à la demande',
    4: 'Désactivé',
  },
  'ru-RU': {
    0: 'Запускается при загрузке',
    1: 'Запускается системой',
    2: 'Автоматически',
    3: 'Вручную',
    4: 'Отключена',
  },
  'zh-CN': { 0: '引导启动', 1: '系统启动', 2: '自动启动', 3: '按需启动', 4: '已禁用' },
};

/** LocalSystem, the account that the agent runs as. */
export const localSystemSid = 'S-1-5-18';
/** The built-in administrator of a made-up machine: stands for a person in the guest. */
export const administratorSid = 'S-1-5-21-2084357190-1409372815-3021894437-500';

/** Where records go, and what they say of the machine. */
export interface LogContext {
  content: DiskContent;
  computerName: string;
  language: GuestLanguage;
}

interface StartTypeChange {
  service: ServiceConfiguration;
  before: StartType;
  after: StartType;
  userSid: string;
  at: number;
}

/** Event 7040: a start type was changed; its fourth parameter is the service's short name. */
export function recordStartTypeChange(log: LogContext, change: StartTypeChange): void {
  if (change.before === change.after) return;
  const words = startTypeWords[log.language];
  log.content.appendEvent({
    ...serviceControlManager,
    eventId: 7040,
    qualifiers: qualifiers.information,
    level: 4,
    at: change.at,
    computer: log.computerName,
    userSid: change.userSid,
    data: parameters(change.service.displayName, words[change.before], words[change.after], change.service.name),
  });
}

/**
 * Event 7001: a service did not start because one that it needs did not. The error appears as `%%<code>`; the service's
 * short name stands in `Binary`, as in real 7000 and 7023 records (omerbenamram/evtx:samples/system.evtx), assumed for
 * 7001.
 */
export function recordDependencyFailure(
  log: LogContext,
  at: number,
  failure: FailedDependency & { neededDisplayName: string },
): void {
  log.content.appendEvent({
    ...serviceControlManager,
    eventId: 7001,
    qualifiers: qualifiers.error,
    level: 2,
    at,
    computer: log.computerName,
    data: parameters(failure.service.displayName, failure.neededDisplayName, `%%${failure.error}`),
    binary: Buffer.from(`${failure.service.name}\0`, 'utf16le'),
  });
}

/**
 * A record about a service that did not start or did not stay: 7000 with its error, 7022, 7034, 7038… The service's short
 * name stands in `Binary`, as in real 7000 and 7023 records (omerbenamram/evtx:samples/system.evtx), assumed for the others.
 */
export function recordServiceFailure(
  log: LogContext,
  at: number,
  failure: { service: ServiceConfiguration; eventId: number; code?: number },
): void {
  const { service, eventId, code } = failure;
  log.content.appendEvent({
    ...serviceControlManager,
    eventId,
    qualifiers: qualifiers.error,
    level: 2,
    at,
    computer: log.computerName,
    data: parameters(service.displayName, ...(code === undefined ? [] : [`%%${code}`])),
    binary: Buffer.from(`${service.name}\0`, 'utf16le'),
  });
}

/** Event 7026: boot and system drivers that did not load, one a line; in safe mode there always are some. */
export function recordDriversNotLoaded(log: LogContext, at: number, drivers: readonly string[]): void {
  log.content.appendEvent({
    ...serviceControlManager,
    eventId: 7026,
    qualifiers: qualifiers.error,
    level: 4,
    at,
    computer: log.computerName,
    data: parameters(drivers.map((driver) => `\r\n${driver}`).join('')),
  });
}

function parameters(...values: string[]): EventRecord['data'] {
  return values.map((value, index) => ({ name: `param${index + 1}`, type: 'string', value }));
}
