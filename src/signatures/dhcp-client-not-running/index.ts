import { localService, startTypes, type Change } from '../../guest/changes';
import {
  factOf,
  recordedEvents,
  serviceConfiguration,
  serviceStatus,
  unreadableReason,
  type Evidence,
  type Need,
  type Provenance,
} from '../../guest/evidence';
import { builtInAccounts, builtInSid } from '../../windows/accounts';
import { defineSignature, type Cure, type Reason, type Recognition } from '../define-signature';
import { byHandFor } from './by-hand';
import { codeOf, codeOfEvent, type Remedy } from './codes';
import { areDependenciesKnown } from './dependencies';
import { detailsOf, needsOfDetails } from './details';

const service = 'Dhcp';
const statusNeed: Need = { kind: 'service-status', service };
/** Services that the DHCP Client depends on, in this or another release of Windows. */
const dependencies = ['nsi', 'Afd', 'Tdx'];
const running = 4;
const pending = [2, 3];
const neverStarted = 1077;
const notInSafeMode = 1084;

export const dhcpClientNotRunning = defineSignature({
  id: 'dhcp-client-not-running',
  title: 'The DHCP Client service does not run',
  documents: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-rdp-dhcp-disabled',
    'https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299-',
  ],
  needs: [
    { kind: 'service-configuration', service },
    statusNeed,
    { kind: 'service-events', service },
    { kind: 'boot-mode' },
    ...dependencies.map((name): Need => ({ kind: 'service-status', service: name })),
  ],

  recognise(evidence) {
    const status = serviceStatus(evidence, service);
    if (status?.state === running) return absent('The DHCP Client service runs (state 4).', status.from);
    const configuration = serviceConfiguration(evidence, service);
    if (configuration?.startType === startTypes.disabled) {
      return absent('The DHCP Client service is disabled, which is a failure of its own.', configuration.from);
    }
    const mode = factOf(evidence, 'boot-mode');
    if (mode && mode.mode !== 'normal') {
      return absent('Windows runs in safe mode, where the DHCP Client service need not start.', mode.from);
    }
    const found = codeIn(evidence);
    if (!found) return unknown(evidence);
    if (found.code === notInSafeMode) {
      return { kind: 'unknown', why: 'Windows says that it runs in safe mode (1084), which is not seen elsewhere.' };
    }
    return { kind: 'present', effect: 'now', reasons: reasonsFor(evidence, found) };
  },

  furtherNeeds(evidence) {
    const found = codeIn(evidence);
    return found === undefined || remedyFor(evidence) !== 'manual' ? [] : needsOfDetails(found.code, evidence);
  },

  cure,

  byHand: (evidence) => byHandFor(codeIn(evidence)?.code ?? 0, remedyFor(evidence)),
});

function absent(text: string, from: Provenance): Recognition {
  return { kind: 'absent', reasons: [{ text, from }] };
}

function unknown(evidence: Evidence[]): Recognition {
  const status = serviceStatus(evidence, service);
  if (status) return { kind: 'unknown', why: `The DHCP Client service is on its way (state ${status.state}).` };
  const why = unreadableReason(evidence, statusNeed) ?? 'no source was able to read it';
  return { kind: 'unknown', why: `Whether the DHCP Client service runs is not known: ${why}.` };
}

/**
 * Why it does not run: its exit code, where it has one that says something, otherwise the newest record since the boot.
 * One that is starting or stopping is only said to hang if a record says so.
 */
function codeIn(evidence: Evidence[]): { code: number; from: Provenance } | undefined {
  const status = serviceStatus(evidence, service);
  if (status?.state === running) return undefined;
  const exitCode = status?.win32ExitCode ?? 0;
  if (status && exitCode !== 0 && exitCode !== neverStarted) return { code: exitCode, from: status.from };
  const bootedAt = Date.parse(factOf(evidence, 'boot-mode')?.bootedAt ?? '');
  const event = recordedEvents(evidence, service)
    .filter(({ at }) => Number.isNaN(bootedAt) || Date.parse(at) >= bootedAt)
    .findLast((one) => codeOfEvent(one) !== undefined);
  const code = event && codeOfEvent(event);
  if (event && code !== undefined) return { code, from: event.from };
  if (!status || pending.includes(status.state)) return undefined;
  return { code: exitCode, from: status.from };
}

/** The service's own account counts only where nothing else is said to be wrong: by number first. */
function remedyFor(evidence: Evidence[]): Remedy {
  const { remedy } = codeOf(codeIn(evidence)?.code ?? 0);
  const account = serviceConfiguration(evidence, service)?.account;
  const isRight = account === undefined || builtInSid(account) === builtInAccounts.localService;
  return remedy === 'start' && !isRight ? 'account' : remedy;
}

function reasonsFor(evidence: Evidence[], { code, from }: { code: number; from: Provenance }): Reason[] {
  const status = serviceStatus(evidence, service);
  const configuration = serviceConfiguration(evidence, service);
  const reasons = [{ text: `The DHCP Client service does not run: ${code}, ${codeOf(code).means}.`, from }];
  if (status) reasons.push({ text: `Its state is ${status.state}.`, from: status.from });
  if (configuration) {
    const { startType, account = 'not told', type } = configuration;
    const typed = type === undefined ? 'not told' : `0x${type.toString(16)}`;
    const text = `Its start type is ${startType}, its account ${account}, its type ${typed}.`;
    reasons.push({ text, from: configuration.from });
  }
  return [...reasons, ...dependencyReasonsFor(evidence, code), ...detailsOf(code, evidence)];
}

/** The services that it is known to depend on and that do not run; where the whole chain is told, that says it. */
function dependencyReasonsFor(evidence: Evidence[], code: number): Reason[] {
  if ([1059, 1068].includes(code) && areDependenciesKnown(service, evidence)) return [];
  const reasons: Reason[] = [];
  for (const name of dependencies) {
    const needed = serviceStatus(evidence, name);
    if (!needed || needed.state === running || needed.state === 0) continue;
    const text = `The service ${name} does not run either: state ${needed.state}, exit code ${needed.win32ExitCode}.`;
    reasons.push({ text, from: needed.from });
  }
  return reasons;
}

function cure(evidence: Evidence[]): Cure {
  const code = codeIn(evidence)?.code ?? 0;
  const remedy = remedyFor(evidence);
  if (remedy === 'manual') {
    return {
      kind: 'none',
      why: `Windows error ${code} (${codeOf(code).means}) is not mended by itself: a person decides.`,
    };
  }
  const changes: Change[] = [];
  const configuration = serviceConfiguration(evidence, service);
  if (configuration && configuration.startType !== startTypes.automatic) {
    changes.push({ kind: 'set-service-start-type', service, startType: 'automatic' });
  }
  if (remedy === 'account') changes.push({ kind: 'set-service-account', service, account: localService });
  if (remedy === 'isolate') {
    if (pending.includes(serviceStatus(evidence, service)?.state ?? 0)) changes.push({ kind: 'stop-service', service });
    changes.push({ kind: 'set-service-type', service, type: 'own' });
  }
  return { kind: 'changes', changes: [...changes, { kind: 'start-service', service }] };
}
