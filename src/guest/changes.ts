import { bootObject, factOf, serviceConfiguration, serviceStatus, type Evidence, type Need } from './evidence';
import type { Undo } from './undo';
import { builtInAccounts, builtInNames, isSameAccount } from '../windows/accounts';

/**
 * What can be changed in a guest, as data. A signature's cure is a list of these; a route renders them into commands.
 * Each one is read before it is written, left alone when it is right already, and read again afterwards.
 */

/** Start types that we set, by the number that the registry keeps. */
export const startTypes = { automatic: 2, 'on demand': 3, disabled: 4 } as const;

/** What a service's account is set to. https://learn.microsoft.com/windows/win32/services/localservice-account */
export const localService = builtInNames[builtInAccounts.localService];

/** Service types that we set, by SERVICE_WIN32_OWN_PROCESS. */
export const serviceTypes = { own: 0x10 } as const;

/** Elements of a boot loader that we take away, by bcdedit's names. */
export const bootElements = ['safeboot', 'safebootalternateshell'] as const;

/** One typed write. */
export type Change =
  | { kind: 'set-service-start-type'; service: string; startType: keyof typeof startTypes }
  | { kind: 'start-service'; service: string }
  /** For one that hangs, before it is started anew. */
  | { kind: 'stop-service'; service: string }
  /** The built-in account with few rights; it has no password. */
  | { kind: 'set-service-account'; service: string; account: typeof localService }
  /** A process of its own, in place of one that it shares. */
  | { kind: 'set-service-type'; service: string; type: keyof typeof serviceTypes }
  | { kind: 'delete-boot-element'; object: string; element: (typeof bootElements)[number] }
  /**
   * Leads Windows out of safe mode by a restart, after a delay in which the answer can leave the guest. `bootedBefore`
   * is the boot that it is to end (ISO 8601), where that is known. A Windows that runs normally is left alone.
   */
  | { kind: 'restart-from-safe-mode'; delaySeconds: number; bootedBefore?: string };

/** What became of a change. */
export type ChangeResult = {
  /** Stable name within a repair. */
  change: string;
  title: string;
} & (
  | { outcome: 'changed'; before: string; after: string; undo: Undo }
  | { outcome: 'right-already'; before: string }
  | { outcome: 'failed'; before: string; code?: number; reason: string; undo: Undo }
);

/** The stable name of a change within a repair. */
export function changeName(change: Change): string {
  switch (change.kind) {
    case 'set-service-start-type':
    case 'start-service':
    case 'stop-service':
    case 'set-service-account':
    case 'set-service-type':
      return `${change.kind}:${change.service}`;
    case 'delete-boot-element':
      return `${change.kind}:${change.object}:${change.element}`;
    case 'restart-from-safe-mode':
      return change.kind;
  }
}

/** A change in words. */
export function changeTitle(change: Change): string {
  switch (change.kind) {
    case 'set-service-start-type':
      return `Set the start type of the service ${change.service} to ${change.startType}`;
    case 'start-service':
      return `Start the service ${change.service}`;
    case 'stop-service':
      return `Stop the service ${change.service}, which hangs`;
    case 'set-service-account':
      return `Set the account of the service ${change.service} to ${change.account}`;
    case 'set-service-type':
      return `Give the service ${change.service} a process of its own`;
    case 'delete-boot-element':
      return `Delete ${change.element} from the boot entry ${change.object}`;
    case 'restart-from-safe-mode':
      return 'Restart Windows, which runs in safe mode';
  }
}

/** What must be read again to see whether the change holds. */
export function proofOf(change: Change): Need {
  switch (change.kind) {
    case 'set-service-start-type':
    case 'set-service-account':
    case 'set-service-type':
      return { kind: 'service-configuration', service: change.service };
    case 'start-service':
    case 'stop-service':
      return { kind: 'service-status', service: change.service };
    case 'delete-boot-element':
      return { kind: 'boot-object', object: change.object };
    case 'restart-from-safe-mode':
      return { kind: 'boot-mode' };
  }
}

/** Whether the evidence, read after the write, shows that the change holds. What was not read does not hold. */
export function holds(change: Change, evidence: Evidence[]): boolean {
  switch (change.kind) {
    case 'set-service-start-type':
      return serviceConfiguration(evidence, change.service)?.startType === startTypes[change.startType];
    case 'start-service':
      return serviceStatus(evidence, change.service)?.state === 4;
    case 'stop-service':
      // A step on the way: what was stopped was to be started again.
      return true;
    case 'set-service-account': {
      const account = serviceConfiguration(evidence, change.service)?.account;
      return account !== undefined && isSameAccount(account, change.account);
    }
    case 'set-service-type':
      return serviceConfiguration(evidence, change.service)?.type === serviceTypes[change.type];
    case 'delete-boot-element': {
      const found = bootObject(evidence, change.object);
      if (!found) return false;
      return change.element === 'safeboot' ? found.safeboot === undefined : !found.alternateShell;
    }
    case 'restart-from-safe-mode': {
      const mode = factOf(evidence, 'boot-mode');
      return mode?.mode === 'normal' && isLater(mode.bootedAt, change.bootedBefore);
    }
  }
}

/** A time that is not known contradicts nothing: a Windows that ran in safe mode and runs normally has been booted. */
function isLater(time: string | undefined, before: string | undefined): boolean {
  const [later, earlier] = [Date.parse(time ?? ''), Date.parse(before ?? '')];
  return Number.isNaN(later) || Number.isNaN(earlier) || later > earlier;
}
