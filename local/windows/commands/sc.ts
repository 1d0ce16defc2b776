/**
 * `sc.exe query|queryex|qc|config|start|stop|sdshow|showsid`: output and exit codes as Windows Server prints them. Layouts:
 * MicrosoftDocs/windowsserverdocs, "sc.exe query". Of its words only SUCCESS and FAILED are translated: labels, states
 * and types are English on German machines, too (public captures of a German Windows 11; `échec(s) 1060` in public
 * French logs, `失败 1060:` in Chinese ones). The exit code is the Win32 error itself.
 */
import { configureStartType, writeServiceValue } from '../service-control';
import type { ServiceConfiguration } from '../service-configuration';
import { defaultServiceDescriptor } from '../default-security';
import type { WindowsGuest } from '../guest';
import type { GuestLanguage, Translated } from '../language';
import { serviceSid } from '../security-descriptor';
import type { ServiceState, ServiceStatus } from '../service-manager';
import type { StartType } from '../services';
import { errorText } from '../system-errors';
import { localSystemSid } from '../system-log';
import { lines, type CommandContext, type CommandResult } from './command';

/**
 * The two words of sc.exe itself, with the colons around them; French "réussite(s)" is assumed from its neighbour, Russian
 * is assumed.
 */
const endWords: Translated<{ success: string; failed: string; colon: string }> = {
  'en-US': { success: 'SUCCESS', failed: 'FAILED', colon: ':' },
  'de-DE': { success: 'ERFOLG', failed: 'FEHLER', colon: ':' },
  'fr-FR': { success: 'réussite(s)', failed: 'échec(s)', colon: ' :' },
  'ru-RU': { success: 'успех', failed: 'ошибка:', colon: ':' },
  'zh-CN': { success: '成功', failed: '失败', colon: ':' },
};

const stateNumbers: Record<ServiceState, number> = { STOPPED: 1, START_PENDING: 2, RUNNING: 4 };
const startTypes: Record<string, StartType> = {
  boot: 0,
  system: 1,
  auto: 2,
  demand: 3,
  disabled: 4,
  'delayed-auto': 2,
};
const startTypeNames: Record<StartType, string> = {
  0: 'BOOT_START',
  1: 'SYSTEM_START',
  2: 'AUTO_START',
  3: 'DEMAND_START',
  4: 'DISABLED',
};
const errorControlNames = ['IGNORE', 'NORMAL', 'SEVERE', 'CRITICAL'];
const typeNames: Record<number, string> = {
  0x1: 'KERNEL_DRIVER',
  0x2: 'FILE_SYSTEM_DRIVER',
  0x10: 'WIN32_OWN_PROCESS',
  0x20: 'WIN32_SHARE_PROCESS',
  0x30: 'WIN32',
};

/** ERROR_INVALID_COMMAND_LINE: what sc.exe exits with after printing its usage. assumed */
const INVALID_COMMAND_LINE = 1639;

export function sc(commandLine: readonly string[], context: CommandContext): CommandResult {
  const [verb = '', service = '', ...options] = commandLine;
  if (service === '') return usage();
  switch (verb.toLowerCase()) {
    case 'query':
      return query(service, context, false);
    case 'queryex':
      return query(service, context, true);
    case 'qc':
      return queryConfiguration(service, context);
    case 'config':
      return configure(service, options, context);
    case 'start':
      return start(service, context);
    case 'stop':
      return stop(service, context);
    case 'sdshow':
      return showDescriptor(service, context);
    case 'showsid':
      return showSid(service, context);
    default:
      return usage();
  }
}

function query(service: string, { guest, at }: CommandContext, extended: boolean): CommandResult {
  const configuration = guest.configuration(service);
  if (!configuration) return failure(guest.language, 'EnumQueryServicesStatus:OpenService', 1060);
  return { exitCode: 0, stdout: statusText(configuration, guest.status(service, at), extended, service), stderr: '' };
}

function statusText(
  configuration: ServiceConfiguration,
  status: ServiceStatus,
  extended: boolean,
  typedName: string,
): string {
  // Two svchost services of one process show as type 30 (own | share), as Windows Server 2022 does for Dhcp.
  const type = configuration.type === 0x20 && status.state !== 'STOPPED' ? 0x30 : configuration.type;
  return lines(
    '',
    `SERVICE_NAME: ${typedName} `,
    `        TYPE               : ${type.toString(16)}  ${typeNames[type] ?? ''}  `,
    `        STATE              : ${stateNumbers[status.state]}  ${status.state} `,
    ...controlsLine(status.state),
    `        WIN32_EXIT_CODE    : ${status.exitCode}  (0x${status.exitCode.toString(16)})`,
    '        SERVICE_EXIT_CODE  : 0  (0x0)',
    '        CHECKPOINT         : 0x0',
    `        WAIT_HINT          : ${status.state === 'START_PENDING' ? '0x7d0' : '0x0'}`,
    ...(extended ? [`        PID                : ${status.processId}`, '        FLAGS              : '] : []),
  );
}

function controlsLine(state: ServiceState): string[] {
  const indent = '                                ';
  switch (state) {
    case 'RUNNING':
      return [`${indent}(STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)`];
    case 'START_PENDING':
      return [`${indent}(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)`];
    case 'STOPPED':
      return [];
  }
}

function queryConfiguration(service: string, { guest }: CommandContext): CommandResult {
  const found = guest.configuration(service);
  if (!found) return failure(guest.language, 'OpenService', 1060);
  const [firstDependency = '', ...otherDependencies] = found.dependsOn;
  const stdout = lines(
    `[SC] QueryServiceConfig ${endWords[guest.language].success}`,
    '',
    `SERVICE_NAME: ${service}`,
    `        TYPE               : ${found.type.toString(16)}  ${typeNames[found.type] ?? ''} `,
    `        START_TYPE         : ${found.start}   ${startTypeNames[found.start]}`,
    `        ERROR_CONTROL      : ${found.errorControl}   ${errorControlNames[found.errorControl] ?? ''}`,
    `        BINARY_PATH_NAME   : ${expand(found.imagePath)}  `,
    `        LOAD_ORDER_GROUP   : ${found.group}  `,
    '        TAG                : 0  ',
    `        DISPLAY_NAME       : ${found.displayName}  `,
    `        DEPENDENCIES       : ${firstDependency}  `,
    ...otherDependencies.map((dependency) => `                           : ${dependency}  `),
    `        SERVICE_START_NAME : ${found.objectName} `,
  );
  return { exitCode: 0, stdout, stderr: '' };
}

function expand(path: string): string {
  return path.replace(/%SystemRoot%/gi, 'C:\\Windows');
}

function configure(service: string, options: readonly string[], context: CommandContext): CommandResult {
  const { guest, at } = context;
  const found = guest.configuration(service);
  if (!found) return failure(guest.language, 'OpenService', 1060);
  if (options.length === 0 || options.length % 2 !== 0) return usage();
  const changes: (() => void)[] = [];
  for (let index = 0; index < options.length; index += 2) {
    const change = optionChange(guest, found, { option: options[index] ?? '', value: options[index + 1] ?? '', at });
    if (!change) return usage();
    changes.push(change);
  }
  for (const change of changes) change();
  return { exitCode: 0, stdout: lines(`[SC] ChangeServiceConfig ${endWords[guest.language].success}`), stderr: '' };
}

/** What one `option= value` pair does, or undefined when sc.exe would not know it. The space is part of the syntax. */
function optionChange(
  guest: WindowsGuest,
  service: ServiceConfiguration,
  given: { option: string; value: string; at: number },
): (() => void) | undefined {
  const write = (name: string, data: Parameters<typeof writeServiceValue>[3]) => () => {
    writeServiceValue(guest, service.name, name, data);
  };
  switch (given.option.toLowerCase()) {
    case 'start=': {
      const start = startTypes[given.value.toLowerCase()];
      if (start === undefined) return undefined;
      return () => configureStartType(guest, { service: service.name, start, userSid: localSystemSid, at: given.at });
    }
    case 'type=': {
      const type = given.value.toLowerCase() === 'own' ? 0x10 : 0x20;
      return ['own', 'share'].includes(given.value.toLowerCase())
        ? write('Type', { type: 'REG_DWORD', data: type })
        : undefined;
    }
    case 'obj=':
      return write('ObjectName', { type: 'REG_SZ', data: given.value });
    case 'depend=':
      return write('DependOnService', { type: 'REG_MULTI_SZ', data: given.value.split('/') });
    default:
      return undefined;
  }
}

function start(service: string, { guest, at }: CommandContext): CommandResult {
  const configuration = guest.configuration(service);
  if (!configuration) return failure(guest.language, 'StartService: OpenService', 1060);
  const error = guest.start(service, at);
  if (error !== 0) return failure(guest.language, 'StartService', error);
  return { exitCode: 0, stdout: statusText(configuration, guest.status(service, at), true, service), stderr: '' };
}

function stop(service: string, { guest, at }: CommandContext): CommandResult {
  const configuration = guest.configuration(service);
  if (!configuration) return failure(guest.language, 'OpenService', 1060);
  const error = guest.stop(service, at);
  if (error !== 0) return failure(guest.language, 'ControlService', error);
  return { exitCode: 0, stdout: statusText(configuration, guest.status(service, at), false, service), stderr: '' };
}

/** A blank line and the descriptor: public captures. */
function showDescriptor(service: string, { guest }: CommandContext): CommandResult {
  if (!guest.configuration(service)) return failure(guest.language, 'OpenService', 1060);
  return { exitCode: 0, stdout: lines('', defaultServiceDescriptor, ''), stderr: '' };
}

/** Labels of `showsid`. A Dutch capture has NAAM and SERVICE-SID, so they are translated; the others are assumed. */
const sidLabels: Translated<{ name: string; sid: string; status: string; active: string; inactive: string }> = {
  'en-US': { name: 'NAME:', sid: 'SERVICE SID:', status: 'STATUS:', active: 'Active', inactive: 'Inactive' },
  'de-DE': { name: 'NAME:', sid: 'DIENST-SID:', status: 'STATUS:', active: 'Aktiv', inactive: 'Inaktiv' },
  'fr-FR': { name: 'NOM :', sid: 'SID DU SERVICE :', status: 'ÉTAT :', active: 'Actif', inactive: 'Inactif' },
  'ru-RU': {
    name: 'ИМЯ:',
    sid: 'ИД БЕЗОПАСНОСТИ СЛУЖБЫ:',
    status: 'СОСТОЯНИЕ:',
    active: 'Активна',
    inactive: 'Неактивна',
  },
  'zh-CN': { name: '名称:', sid: '服务 SID:', status: '状态:', active: '可用', inactive: '不可用' },
};

/** The SID follows from the name alone: it is shown for a service that does not exist, too. */
function showSid(service: string, { guest, at }: CommandContext): CommandResult {
  const { name, sid, status, active, inactive } = sidLabels[guest.language];
  const isActive = guest.status(service, at).state === 'RUNNING';
  const stdout = lines(
    '',
    `${name} ${service}`,
    `${sid} ${serviceSid(service)}`,
    `${status} ${isActive ? active : inactive}`,
  );
  return { exitCode: 0, stdout, stderr: '' };
}

function failure(language: GuestLanguage, step: string, code: number): CommandResult {
  const { failed, colon } = endWords[language];
  const stdout = lines(`[SC] ${step} ${failed} ${code}${colon}`, '', errorText(code, language), '');
  return { exitCode: code, stdout, stderr: '' };
}

function usage(): CommandResult {
  const stdout = lines(
    'DESCRIPTION:',
    '        SC is a command line program used for communicating with the',
    '        Service Control Manager and services.',
  );
  return { exitCode: INVALID_COMMAND_LINE, stdout, stderr: '' };
}
