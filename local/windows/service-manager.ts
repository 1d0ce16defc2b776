/**
 * The service control manager of a running guest: what each service does now. All of it is lost when the guest goes
 * down. No timers: whoever looks says what time it is, and a starting service has become a running one by then.
 */
import type { SafeMode } from './boot-manager';
import type { DiskContent } from './content';
import type { GuestLanguage } from './language';
import { mayRun } from './safe-mode';
import {
  readServiceConfiguration,
  readServiceConfigurations,
  type ServiceConfiguration,
} from './service-configuration';
import { systemErrors } from './system-errors';

/** How long a service takes from START_PENDING to RUNNING. assumed: DHCP Client starts within a second. */
const SERVICE_START_MS = 400;

export type ServiceState = 'STOPPED' | 'START_PENDING' | 'RUNNING';

/** A service or driver as the service control manager sees it now. */
export interface ServiceStatus {
  state: ServiceState;
  /** When it entered the state. */
  since: number;
  /** 1077: not started since boot. https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299- */
  exitCode: number;
  processId: number;
  /** It will never be running. */
  hangs?: boolean;
}

/** A service that did not start at boot because one that it needs did not. */
export interface FailedDependency {
  service: ServiceConfiguration;
  needed: string;
  /** Why the needed one did not start. */
  error: number;
}

/** What did not start at boot though it should have. */
export interface AutoStartFailures {
  dependencies: FailedDependency[];
  /** Boot and system drivers that safe mode left out. */
  drivers: ServiceConfiguration[];
}

export interface ServiceManager {
  status(service: string, at: number): ServiceStatus;
  /** Starts all that is to start by itself: drivers first. */
  autoStart(at: number): AutoStartFailures;
  /** Starts a service and what it depends on. Answers 0, or the Win32 error. */
  start(service: string, at: number): number;
  /** Stops a service. Answers 0, or the Win32 error; with `force` the running services that need it are stopped too. */
  stop(service: string, at: number, force: boolean): number;
}

/**
 * What is wrong with a service's program itself, which no disk here can hold: its start ends with this error. 1070: it
 * stays in START_PENDING until it is stopped.
 */
export interface Ailment {
  error: number;
  /** Whether it comes from a neighbour in the same process, so that a process of its own heals it. */
  comesFromNeighbour: boolean;
}

interface ManagerOptions {
  /** By the service's name in lower case. */
  ailments: ReadonlyMap<string, Ailment>;
  content: DiskContent;
  controlSet: string;
  safeMode: SafeMode | undefined;
  language: GuestLanguage;
}

type StartResult = { error: 0 } | { error: number; failed?: Omit<FailedDependency, 'service'> };

/** Accounts that log on without a password, in the form that `accountOf` gives. */
const builtInAccounts = new Set(['localsystem', 'localservice', 'networkservice']);

/** An account without its authority; none is LocalSystem. https://learn.microsoft.com/windows/win32/services/service-user-accounts */
function accountOf({ objectName }: ServiceConfiguration): string {
  const name = objectName
    .toLowerCase()
    .replace(/^nt authority\\/, '')
    .replaceAll(' ', '');
  return name === '' || name === 'system' ? 'localsystem' : name;
}

const never: ServiceStatus = { state: 'STOPPED', since: 0, exitCode: systemErrors.neverStarted, processId: 0 };

/** A service control manager that has not started anything yet. */
export function createServiceManager({
  ailments,
  content,
  controlSet,
  safeMode,
  language,
}: ManagerOptions): ServiceManager {
  const statuses = new Map<string, ServiceStatus>();
  /** What each service was like when it was last started: its process keeps that, whatever the registry says since. */
  const started = new Map<string, ServiceConfiguration>();
  let nextProcessId = 604;

  function configuration(service: string): ServiceConfiguration | undefined {
    return readServiceConfiguration(content, controlSet, service, language);
  }
  function configurations(): ServiceConfiguration[] {
    return readServiceConfigurations(content, controlSet, language);
  }

  function status(service: string, at: number): ServiceStatus {
    const found = statuses.get(service.toLowerCase());
    if (!found) return never;
    if (found.state !== 'START_PENDING' || found.hangs || at < found.since + SERVICE_START_MS) return found;
    const running: ServiceStatus = { ...found, state: 'RUNNING', since: found.since + SERVICE_START_MS };
    statuses.set(service.toLowerCase(), running);
    return running;
  }

  /**
   * A failed start stays as the service's exit code, at boot and by hand: seen for 1068 with `sc query` in a German
   * Windows Sandbox (public test fixtures); assumed for 1084.
   */
  function fail(wanted: ServiceConfiguration, at: number, error: number): void {
    statuses.set(wanted.name.toLowerCase(), { state: 'STOPPED', since: at, exitCode: error, processId: 0 });
  }

  /** Why its own configuration or program keeps it from starting; 0 if nothing does. */
  function obstacleTo(wanted: ServiceConfiguration, at: number): number {
    if (wanted.type >= 0x10 && !builtInAccounts.has(accountOf(wanted))) return systemErrors.logonFailed;
    if (wanted.type === 0x20 && wouldMeetAnotherAccount(wanted, at)) {
      return systemErrors.differentAccount;
    }
    const ailment = ailments.get(wanted.name.toLowerCase());
    return ailment && !(ailment.comesFromNeighbour && wanted.type === 0x10) ? ailment.error : 0;
  }

  /** Whether a service that runs in the process that this one would join was started with another account. */
  function wouldMeetAnotherAccount(wanted: ServiceConfiguration, at: number): boolean {
    for (const other of started.values()) {
      if (other.type !== 0x20 || other.imagePath.toLowerCase() !== wanted.imagePath.toLowerCase()) continue;
      if (accountOf(other) !== accountOf(wanted) && status(other.name, at).state === 'RUNNING') return true;
    }
    return false;
  }

  function tryStart(service: string, at: number, chain: readonly string[] = []): StartResult {
    const wanted = configuration(service);
    if (!wanted) return { error: systemErrors.doesNotExist };
    if (status(wanted.name, at).state !== 'STOPPED') return { error: systemErrors.alreadyRunning };
    if (wanted.start === 4) return { error: systemErrors.disabled };
    if (!mayRun(content, controlSet, safeMode, wanted)) {
      fail(wanted, at, systemErrors.notSafeBootService);
      return { error: systemErrors.notSafeBootService };
    }
    if (chain.includes(wanted.name)) return { error: systemErrors.circularDependency };
    for (const needed of wanted.dependsOn) {
      if (status(needed, at).state !== 'STOPPED') continue;
      const { error } = tryStart(needed, at, [...chain, wanted.name]);
      if (error === 0) continue;
      if (error === systemErrors.circularDependency) {
        fail(wanted, at, error);
        return { error };
      }
      fail(wanted, at, systemErrors.dependencyFailed);
      return { error: systemErrors.dependencyFailed, failed: { needed, error } };
    }
    const obstacle = obstacleTo(wanted, at);
    const hangs = obstacle === systemErrors.hungWhileStarting;
    if (obstacle !== 0 && !hangs) {
      fail(wanted, at, obstacle);
      return { error: obstacle };
    }
    started.set(wanted.name.toLowerCase(), wanted);
    const processId = wanted.type === 0x1 ? 0 : nextProcessId;
    nextProcessId += 4;
    statuses.set(wanted.name.toLowerCase(), { state: 'START_PENDING', since: at, exitCode: 0, processId, hangs });
    return { error: 0 };
  }

  function autoStart(at: number): AutoStartFailures {
    const failures: AutoStartFailures = { dependencies: [], drivers: [] };
    const inOrder = configurations()
      .filter((service) => service.start <= 2)
      .sort((one, other) => one.start - other.start);
    for (const service of inOrder) {
      const result = tryStart(service.name, at);
      if ('failed' in result && result.failed) failures.dependencies.push({ service, ...result.failed });
      if (service.start < 2 && result.error === systemErrors.notSafeBootService) failures.drivers.push(service);
    }
    return failures;
  }

  function runningDependents(service: string, at: number): string[] {
    return configurations()
      .filter((other) => other.dependsOn.some((needed) => needed.toLowerCase() === service.toLowerCase()))
      .filter((other) => status(other.name, at).state !== 'STOPPED')
      .map((other) => other.name);
  }

  function stop(service: string, at: number, force: boolean): number {
    const wanted = configuration(service);
    if (!wanted) return systemErrors.doesNotExist;
    if (status(wanted.name, at).state === 'STOPPED') return systemErrors.notActive;
    const dependents = runningDependents(wanted.name, at);
    if (dependents.length > 0 && !force) return systemErrors.dependentServicesRunning;
    for (const dependent of dependents) stop(dependent, at, true);
    statuses.set(wanted.name.toLowerCase(), { state: 'STOPPED', since: at, exitCode: 0, processId: 0 });
    return 0;
  }

  return { status, autoStart, start: (service, at) => tryStart(service, at).error, stop };
}
