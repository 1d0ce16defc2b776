import type { Change } from '../../guest/changes';
import {
  factOf,
  unreadableReason,
  type BootConfiguration,
  type BootMode,
  type Evidence,
  type Provenance,
} from '../../guest/evidence';
import { bootObjectId } from '../../windows/boot-object-id';
import { defineSignature, type Cure, type Reason, type Recognition } from '../define-signature';

type Known<T> = T & { from: Provenance };

/**
 * How long Windows waits before it restarts, in seconds: the answer must have left the guest by then. Recorded in
 * Azure/azure-cli (test_run_command_v2): a Run Command is over 15 s after it was asked for. assumed: a minute is enough,
 * the agent reporting about once in that time.
 */
const restartDelaySeconds = 60;

export const safeMode = defineSignature({
  id: 'safe-mode',
  title: 'The VM boots into safe mode',
  documents: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-rdp-safe-mode',
    'https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdlibrary-safeboot',
  ],
  needs: [{ kind: 'boot-configuration' }, { kind: 'boot-mode' }, { kind: 'windows-installation' }],

  recognise(evidence) {
    const configuration = nextBoot(evidence);
    const mode = factOf(evidence, 'boot-mode');
    if (!configuration) return withoutTheStore(evidence, mode);
    const reasons = [flagReason(configuration), ...modeReason(mode)];
    const flagged = configuration.next.safeboot !== undefined;
    const bootedSafe = mode !== undefined && mode.mode !== 'normal';
    if (!flagged && !bootedSafe) return { kind: 'absent', reasons };
    const leaveAlone = deliberate(evidence, mode, configuration);
    // Without a word about the last boot, the flag is taken as being at work: that is what it does at every boot.
    const effect = flagged && mode?.mode === 'normal' ? 'next-boot' : 'now';
    return { kind: 'present', effect, reasons, ...(leaveAlone === undefined ? {} : { leaveAlone }) };
  },

  cure,

  byHand(evidence) {
    const next = nextBoot(evidence)?.next;
    const id = next?.safebootSetIn ?? next?.id ?? '{default}';
    const safeId = /^\{[0-9a-z-]{1,64}\}$/.test(id) ? id : '{default}';
    return [
      'Open the VM’s serial console, start a CMD channel and sign in (in safe mode with a local account).',
      `bcdedit /deletevalue ${safeId} safeboot`,
      ...(next?.alternateShell === true ? [`bcdedit /deletevalue ${safeId} safebootalternateshell`] : []),
      'shutdown /r /t 0',
    ];
  },
});

/**
 * What the next boot takes: as the freshest source says it, unless that is a running Windows that sees no flag and the
 * disk has one that the same loader inherits. `bcdedit /enum` shows an object's own elements only.
 */
function nextBoot(evidence: Evidence[]): Known<BootConfiguration> | undefined {
  const freshest = factOf(evidence, 'boot-configuration');
  if (!freshest || freshest.next.safeboot !== undefined) return freshest;
  const inherited = evidence
    .filter((item) => item.kind === 'boot-configuration')
    .find(({ next }) => next.safebootSetIn !== undefined && next.id === freshest.next.id);
  return inherited ?? freshest;
}

/**
 * Takes the flag away from where it is set, and leads out of a safe mode that Windows runs in by a restart. One that
 * merely waits for the next boot is cured without: nobody asked for a downtime (docs/decisions/0012).
 */
function cure(evidence: Evidence[]): Cure {
  const next = nextBoot(evidence)?.next;
  if (!next) return { kind: 'none', why: 'The boot configuration could not be read, so what to change is not known.' };
  if (!factOf(evidence, 'windows-installation')) {
    return { kind: 'none', why: 'Whether it is a domain controller could not be read, and one is never touched.' };
  }
  const object = next.safebootSetIn ?? next.id;
  if (!bootObjectId.test(object))
    return { kind: 'none', why: 'The boot entry that is flagged has no GUID as its name.' };
  const changes: Change[] = [];
  if (next.safeboot !== undefined) changes.push({ kind: 'delete-boot-element', object, element: 'safeboot' });
  if (next.alternateShell) changes.push({ kind: 'delete-boot-element', object, element: 'safebootalternateshell' });
  return { kind: 'changes', changes: [...changes, ...restart(factOf(evidence, 'boot-mode'))] };
}

function restart(mode: BootMode | undefined): Change[] {
  if (!mode || mode.mode === 'normal') return [];
  const booted = Date.parse(mode.bootedAt ?? '');
  const bootedBefore = Number.isNaN(booted) ? {} : { bootedBefore: new Date(booted).toISOString() };
  return [{ kind: 'restart-from-safe-mode', delaySeconds: restartDelaySeconds, ...bootedBefore }];
}

/** Windows runs in safe mode, whatever the store may say, or nothing is known. */
function withoutTheStore(evidence: Evidence[], mode: Known<BootMode> | undefined): Recognition {
  if (mode && mode.mode !== 'normal') {
    const leaveAlone = deliberate(evidence, mode, undefined);
    const reasons = modeReason(mode);
    return { kind: 'present', effect: 'now', reasons, ...(leaveAlone === undefined ? {} : { leaveAlone }) };
  }
  const why = unreadableReason(evidence, { kind: 'boot-configuration' }) ?? 'no source was able to read it';
  return { kind: 'unknown', why: `Whether the next boot is one into safe mode is not known: ${why}.` };
}

function flagReason({ next, chosenBy, others, from }: Known<BootConfiguration>): Reason {
  const chosen = {
    bootsequence: 'taken once by the boot sequence',
    default: 'the default',
    'only-loader': 'the only one',
  }[chosenBy];
  const loader = `The loader of the next boot, ${next.id} (${chosen})`;
  const besides = others.length === 0 ? '' : ` The store has ${others.length} more, which the next boot does not take.`;
  if (next.safeboot === undefined) return { text: `${loader}, has no safe-boot flag.${besides}`, from };
  const shell = next.alternateShell ? ' with the command prompt as its shell' : '';
  const value = typeof next.safeboot === 'number' ? `an unknown value, ${next.safeboot}` : next.safeboot;
  return { text: `${loader}, is flagged for safe mode (${value}${shell}).${besides}`, from };
}

function modeReason(mode: Known<BootMode> | undefined): Reason[] {
  if (!mode) return [];
  const when = mode.bootedAt === undefined ? '' : ` (${mode.bootedAt})`;
  if (mode.mode === 'normal') return [{ text: `The last boot${when} was a normal one.`, from: mode.from }];
  const which = mode.mode === 'safe' ? '' : ` (${mode.mode})`;
  return [{ text: `The last boot${when} went into safe mode${which}.`, from: mode.from }];
}

const directoryServicesRepair =
  'Directory services repair mode is entered on purpose, to restore or repair a domain controller, so it is left alone.';

const domainController =
  'It is a domain controller: one in safe mode may be in the middle of its own repair, so it is left alone.';

/** Why somebody may mean it to be so: a domain controller, whatever its flag; a value that we do not know is not ours to touch. */
function deliberate(
  evidence: Evidence[],
  mode: BootMode | undefined,
  configuration: BootConfiguration | undefined,
): string | undefined {
  const safeboot = configuration?.next.safeboot;
  if (safeboot === 'DsRepair' || mode?.mode === 'DsRepair') return directoryServicesRepair;
  // Either source may know it; on a disk the answer "none" may be a guess, so one that says yes is believed.
  const isController = evidence.some((item) => item.kind === 'windows-installation' && item.isDomainController);
  if (isController) return domainController;
  if (typeof safeboot !== 'number') return undefined;
  return `The safe-boot flag has the value ${safeboot}, which Windows does not define, so it is left alone.`;
}
