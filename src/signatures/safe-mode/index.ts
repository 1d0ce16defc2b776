import {
  factOf,
  unreadableReason,
  type BootConfiguration,
  type BootMode,
  type Evidence,
  type Provenance,
} from '../../guest/evidence';
import { defineSignature, type Reason, type Recognition } from '../define-signature';

type Known<T> = T & { from: Provenance };

export const safeMode = defineSignature({
  id: 'safe-mode',
  title: 'The VM boots into safe mode',
  documents: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-rdp-safe-mode',
    'https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdlibrary-safeboot',
  ],
  needs: [{ kind: 'boot-configuration' }, { kind: 'boot-mode' }],

  recognise(evidence) {
    const configuration = factOf(evidence, 'boot-configuration');
    const mode = factOf(evidence, 'boot-mode');
    if (!configuration) return withoutTheStore(evidence, mode);
    const reasons = [flagReason(configuration), ...modeReason(mode)];
    const flagged = configuration.next.safeboot !== undefined;
    const bootedSafe = mode !== undefined && mode.mode !== 'normal';
    if (!flagged && !bootedSafe) return { kind: 'absent', reasons };
    const leaveAlone = deliberate(configuration, mode);
    // Without a word about the last boot, the flag is taken as being at work: that is what it does at every boot.
    const effect = flagged && mode?.mode === 'normal' ? 'next-boot' : 'now';
    return { kind: 'present', effect, reasons, ...(leaveAlone === undefined ? {} : { leaveAlone }) };
  },

  cure: () => ({
    kind: 'none',
    why: 'This release finds safe mode, but does not lead out of it yet.',
  }),

  byHand(evidence) {
    const next = factOf(evidence, 'boot-configuration')?.next;
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

/** Windows runs in safe mode, whatever the store may say, or nothing is known. */
function withoutTheStore(evidence: Evidence[], mode: Known<BootMode> | undefined): Recognition {
  if (mode && mode.mode !== 'normal') {
    const leaveAlone = mode.mode === 'DsRepair' ? directoryServicesRepair : undefined;
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

/** DsRepair is what somebody who restores a domain controller asks for; a value that we do not know is not ours to touch. */
function deliberate({ next }: BootConfiguration, mode: BootMode | undefined): string | undefined {
  if (next.safeboot === 'DsRepair' || mode?.mode === 'DsRepair') return directoryServicesRepair;
  if (typeof next.safeboot !== 'number') return undefined;
  return `The safe-boot flag has the value ${next.safeboot}, which Windows does not define, so it is left alone.`;
}
