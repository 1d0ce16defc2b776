import { parseListeners } from '../windows/netstat';
import type { Parsed } from '../windows/parsed';
import { parseDword, parseRegQuery, singleValue } from '../windows/reg-query';
import { parseScFailure, parseScQuery } from '../windows/sc-query';
import { changeName, changeTitle, startTypes, type Change, type ChangeResult } from './changes';
import {
  commandLine,
  outputOf,
  resultOf,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from './command';
import { serviceConfiguration, serviceStatus, type Evidence, type Fact, type Need, type Source } from './evidence';
import { readBootConfiguration, readBootMode, safeBootKey } from './live-boot';

/**
 * Renders needs and changes into native command lines for a *running* Windows, and reads the answers. What is
 * rendered here is all that we ever say to a running guest.
 */

const timeoutSeconds = 20;
const rdpKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp`;

function serviceKey(service: string): string {
  return String.raw`HKLM\SYSTEM\CurrentControlSet\Services` + `\\${service}`;
}

function command(id: string, file: string, ...rest: string[]): GuestCommand {
  return { id, file, arguments: rest, timeoutSeconds };
}

/** The needs that a running Windows can answer by commands. */
export type LiveNeed = Extract<
  Need,
  { kind: 'service-configuration' | 'service-status' | 'rdp-listener' | 'boot-configuration' | 'boot-mode' }
>;

const liveKinds = {
  'service-configuration': true,
  'service-status': true,
  'rdp-listener': true,
  'boot-configuration': true,
  'boot-mode': true,
} satisfies Record<LiveNeed['kind'], true>;

/** Whether commands in the running guest can answer this need. */
export function canReadLive(need: Need): need is LiveNeed {
  return need.kind in liveKinds;
}

/** The commands that read these needs. */
export function renderNeeds(needs: LiveNeed[]): GuestCommand[] {
  return needs.flatMap((need): GuestCommand[] => {
    switch (need.kind) {
      case 'service-configuration':
        return [command(`configuration:${need.service}`, 'reg.exe', 'query', serviceKey(need.service))];
      case 'service-status':
        return [command(`status:${need.service}`, 'sc.exe', 'query', need.service)];
      case 'rdp-listener':
        return [
          command('rdp-port', 'reg.exe', 'query', rdpKey, '/v', 'PortNumber'),
          command('tcp-listeners', 'netstat.exe', '-ano', '-p', 'TCP'),
        ];
      case 'boot-configuration':
        // /v names every object by its GUID: `{current}` and `{default}` mean something on this machine only.
        return [
          command('boot-manager', 'bcdedit.exe', '/enum', '{bootmgr}', '/v'),
          command('boot-loaders', 'bcdedit.exe', '/enum', 'osloader', '/v'),
        ];
      case 'boot-mode':
        return [
          command('safe-boot', 'reg.exe', 'query', safeBootKey),
          command('safe-boot-option', 'reg.exe', 'query', `${safeBootKey}\\Option`, '/v', 'OptionValue'),
        ];
    }
  });
}

/** The evidence that the answers hold: one item for each need, unreadable ones with the reason. */
export function readNeeds(needs: LiveNeed[], answer: GuestAnswer, source: Source): Evidence[] {
  return needs.map((need) => {
    const place = renderNeeds([need]).map(commandLine).join(' · ');
    const from = { source, place, readAt: answer.startedAt };
    const value = readNeed(need, answer);
    return value.ok ? { ...value.value, from } : { kind: 'unreadable' as const, need, reason: value.reason, from };
  });
}

function readNeed(need: LiveNeed, answer: GuestAnswer): Parsed<Fact> {
  switch (need.kind) {
    case 'service-configuration':
      return readServiceConfiguration(need.service, resultOf(answer, `configuration:${need.service}`));
    case 'service-status':
      return readServiceStatus(need.service, resultOf(answer, `status:${need.service}`));
    case 'rdp-listener':
      return readRdpListener(resultOf(answer, 'rdp-port'), resultOf(answer, 'tcp-listeners'));
    case 'boot-configuration':
      return readBootConfiguration(resultOf(answer, 'boot-manager'), resultOf(answer, 'boot-loaders'));
    case 'boot-mode':
      return readBootMode(answer.bootedAt, resultOf(answer, 'safe-boot'), resultOf(answer, 'safe-boot-option'));
  }
}

function readServiceConfiguration(service: string, result: GuestCommandResult | undefined) {
  const output = outputOf(result);
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const start = singleValue(values.value, 'Start');
  if (!start.ok) return start;
  const startType = parseDword(start.value);
  if (!startType.ok) return startType;
  const typeValue = singleValue(values.value, 'Type');
  const type = typeValue.ok ? parseDword(typeValue.value) : undefined;
  const account = singleValue(values.value, 'ObjectName');
  const value = {
    kind: 'service-configuration' as const,
    service,
    startType: startType.value,
    type: type?.ok ? type.value : undefined,
    account: account.ok ? account.value.data : undefined,
  };
  return { ok: true as const, value };
}

function readServiceStatus(service: string, result: GuestCommandResult | undefined) {
  const output = outputOf(result);
  if (!output.ok) return output;
  const status = parseScQuery(output.value);
  if (!status.ok) return status;
  return { ok: true as const, value: { kind: 'service-status' as const, service, ...status.value } };
}

function readRdpListener(portResult: GuestCommandResult | undefined, listenersResult: GuestCommandResult | undefined) {
  const portOutput = outputOf(portResult);
  if (!portOutput.ok) return portOutput;
  const values = parseRegQuery(portOutput.value);
  if (!values.ok) return values;
  const portValue = singleValue(values.value, 'PortNumber');
  if (!portValue.ok) return portValue;
  const port = parseDword(portValue.value);
  if (!port.ok) return port;
  const listenersOutput = outputOf(listenersResult);
  if (!listenersOutput.ok) return listenersOutput;
  const listeners = parseListeners(listenersOutput.value);
  if (!listeners.ok) return listeners;
  const listening = listeners.value.some((listener) => listener.port === port.value);
  return { ok: true as const, value: { kind: 'rdp-listener' as const, port: port.value, listening } };
}

/**
 * The row of `sc.exe query` that says "4  RUNNING". Its label may be translated; of the other rows that may show a 4,
 * exit codes have a bracket after it.
 */
const runningState = String.raw`^ +[^:\r\n]+: +4 +[^ (\r\n]`;

/** `sc.exe config` words of the start types. */
const startWords = { automatic: 'auto', 'on demand': 'demand', disabled: 'disabled' } as const;

/** The commands that make one change: read, write unless it is right already, read again. */
export function renderChange(change: Change): GuestCommand[] {
  const name = changeName(change);
  switch (change.kind) {
    case 'set-service-start-type': {
      const read = ['query', serviceKey(change.service), '/v', 'Start'];
      const right = String.raw`^\s+Start\s+REG_DWORD\s+0x${startTypes[change.startType].toString(16)}\s*$`;
      return [
        command(`${name}:before`, 'reg.exe', ...read),
        {
          ...command(`${name}:write`, 'sc.exe', 'config', change.service, 'start=', startWords[change.startType]),
          unless: { id: `${name}:before`, matches: right },
        },
        command(`${name}:after`, 'reg.exe', ...read),
      ];
    }
    case 'start-service':
      return [
        command(`${name}:before`, 'sc.exe', 'query', change.service),
        {
          ...command(`${name}:write`, 'sc.exe', 'start', change.service),
          unless: { id: `${name}:before`, matches: runningState },
        },
        command(`${name}:after`, 'sc.exe', 'query', change.service),
      ];
  }
}

/** What became of a change, from the answers to its commands. */
export function readChange(change: Change, answer: GuestAnswer): ChangeResult {
  const name = changeName(change);
  const title = changeTitle(change);
  const read = change.kind === 'set-service-start-type' ? readStart : readState;
  const before = read(resultOf(answer, `${name}:before`));
  const write = resultOf(answer, `${name}:write`);
  const after = read(resultOf(answer, `${name}:after`));
  const beforeText = before.ok ? before.value.text : `unreadable: ${before.reason}`;
  if (write?.kind === 'left-out') return { change: name, title, outcome: 'right-already', before: beforeText };
  const undo = undoOf(change, before.ok ? before.value.number : undefined);
  const failure = failureOf(write);
  if (failure && failure.code !== errorAlreadyRunning) {
    return { change: name, title, outcome: 'failed', before: beforeText, ...failure, undo };
  }
  if (!after.ok) {
    return { change: name, title, outcome: 'failed', before: beforeText, reason: `read again: ${after.reason}`, undo };
  }
  if (!isWanted(change, after.value.number)) {
    const reason = `read again, it is still ${after.value.text}`;
    return { change: name, title, outcome: 'failed', before: beforeText, reason, undo };
  }
  return { change: name, title, outcome: 'changed', before: beforeText, after: after.value.text, undo };
}

/** ERROR_SERVICE_ALREADY_RUNNING: https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299- */
const errorAlreadyRunning = 1056;

/** A value as a number and in words. */
interface ReadBack {
  number: number;
  text: string;
}

function readStart(result: GuestCommandResult | undefined): Parsed<ReadBack> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  if (!values.ok) return values;
  const value = singleValue(values.value, 'Start');
  if (!value.ok) return value;
  const number = parseDword(value.value);
  if (!number.ok) return number;
  return { ok: true, value: startReadBack(number.value) };
}

function startReadBack(number: number): ReadBack {
  return { number, text: `Start = ${number} (${startTypeName(number)})` };
}

function stateReadBack(state: number, win32ExitCode: number): ReadBack {
  return { number: state, text: `state ${state} (${serviceStateName(state)}), exit code ${win32ExitCode}` };
}

/** What the evidence says of a change's value before the write; undefined if it was not read. */
export function stateBefore(change: Change, evidence: Evidence[]): ReadBack | undefined {
  if (change.kind === 'start-service') {
    const status = serviceStatus(evidence, change.service);
    return status && stateReadBack(status.state, status.win32ExitCode);
  }
  const configuration = serviceConfiguration(evidence, change.service);
  return configuration && startReadBack(configuration.startType);
}

function startTypeName(number: number): string {
  return ['boot', 'system', 'automatic', 'on demand', 'disabled'][number] ?? 'unknown';
}

function readState(result: GuestCommandResult | undefined): Parsed<ReadBack> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const status = parseScQuery(output.value);
  if (!status.ok) return status;
  const { state, win32ExitCode } = status.value;
  return { ok: true, value: stateReadBack(state, win32ExitCode) };
}

function serviceStateName(state: number): string {
  const names = ['stopped', 'start pending', 'stop pending', 'running', 'continue pending', 'pause pending', 'paused'];
  return names[state - 1] ?? 'unknown';
}

/** A started service may still be starting when it is read again at once; verification looks once more. */
function isWanted(change: Change, number: number): boolean {
  if (change.kind === 'set-service-start-type') return number === startTypes[change.startType];
  return number === 2 || number === 4;
}

function failureOf(result: GuestCommandResult | undefined): { code?: number; reason: string } | undefined {
  if (result?.kind === 'ended') {
    if (result.exitCode === 0) return undefined;
    const code = parseScFailure(result.output) ?? result.exitCode;
    return { code, reason: `the command ended with Windows error ${code}` };
  }
  const output = outputOf(result);
  return { reason: output.ok ? 'unknown' : output.reason };
}

/** The command, to be run in the guest, that puts the value before back. */
export function undoOf(change: Change, before: number | undefined): string {
  if (change.kind === 'start-service') {
    return before === 4 ? '(it ran already)' : `sc.exe stop ${change.service}`;
  }
  const words: Record<number, string> = { 0: 'boot', 1: 'system', 2: 'auto', 3: 'demand', 4: 'disabled' };
  const word = before === undefined ? undefined : words[before];
  if (!word) return `(the start type before could not be read; see the snapshot)`;
  return `sc.exe config ${change.service} start= ${word}`;
}
