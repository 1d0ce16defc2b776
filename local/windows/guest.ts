/**
 * A Windows guest: its disk's content, and while it runs what its services, network and agent do.
 *
 * Nothing here runs on timers. Every look at the guest is given the time and first lets the guest catch up with it
 * (a starting service becomes a running one), so that its state is the same however often it is looked at.
 * All times are ms since the Unix epoch, local time.
 */
import type { DiskContent } from './content';
import type { GuestLanguage } from './default-content';
import { interfaceId } from './default-content';
import {
  controlSetPath,
  listServices,
  numberOf,
  readServiceConfiguration,
  textOf,
  type ServiceConfiguration,
} from './service-configuration';
import { recordDependencyFailure } from './system-log';

/** How long a service takes from START_PENDING to RUNNING. assumed: DHCP Client starts within a second. */
const SERVICE_START_MS = 400;
/** From the first look at a running DHCP client until it has a lease. assumed: Azure's DHCP answers at once. */
const LEASE_MS = 300;

export type ServiceState = 'STOPPED' | 'START_PENDING' | 'RUNNING';

/** A service or driver as the service control manager sees it now. */
export interface ServiceStatus {
  state: ServiceState;
  /** When it entered the state. */
  since: number;
  /** 1077: not started since boot. https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299- */
  exitCode: number;
  processId: number;
}

/** What a running guest knows only until it is switched off. */
interface Session {
  bootedAt: number;
  controlSet: string;
  statuses: Map<string, ServiceStatus>;
  addressSince: number | undefined;
  nextProcessId: number;
}

export interface WindowsGuest {
  readonly language: GuestLanguage;
  readonly content: DiskContent;
  /** When the kernel came up; undefined while the guest is off. */
  bootedAt(): number | undefined;
  /** Boots from the content: start types and dependencies decide what runs. */
  boot(at: number): void;
  /** Stops everything at once; only the content stays. */
  powerOff(): void;
  computerName(): string;
  /** `SYSTEM\ControlSet00N` in use; for a guest that is off, the one of the next boot. */
  controlSet(): string;
  configurations(): ServiceConfiguration[];
  configuration(service: string): ServiceConfiguration | undefined;
  status(service: string, at: number): ServiceStatus;
  /** Starts a service and what it depends on. Answers 0, or the Win32 error. */
  start(service: string, at: number): number;
  /** Stops a service. Answers 0, or the Win32 error; with `force` the running services that need it are stopped too. */
  stop(service: string, at: number, force?: boolean): number;
  /** IPv4 addresses of the adapter. */
  addresses(at: number): string[];
  /** True if the two agent services run, the guest has an address and nobody killed the agent. */
  isAgentAlive(at: number): boolean;
  setAgentHealth(alive: boolean): void;
  rdpPort(): number;
  isRdpListening(at: number): boolean;
}

/** Options of a guest: its disk and what DHCP gives it. */
export interface GuestOptions {
  content: DiskContent;
  address: string;
  language?: GuestLanguage;
}

const errors = {
  dependentServicesRunning: 1051,
  alreadyRunning: 1056,
  disabled: 1058,
  doesNotExist: 1060,
  notActive: 1062,
  dependencyFailed: 1068,
  neverStarted: 1077,
} as const;

/** A guest that is switched off. */
export function createWindowsGuest(options: GuestOptions): WindowsGuest {
  const { content } = options;
  let session: Session | undefined;
  let agentHealthy = true;

  function controlSet(): string {
    return session?.controlSet ?? controlSetPath(content, 'Default');
  }
  function configuration(service: string): ServiceConfiguration | undefined {
    return readServiceConfiguration(content, controlSet(), service);
  }
  function configurations(): ServiceConfiguration[] {
    return listServices(content, controlSet()).flatMap((name) => configuration(name) ?? []);
  }
  function computerName(): string {
    const value = content.readValue(`${controlSet()}\\Control\\ComputerName\\ComputerName`, 'ComputerName');
    return textOf(value) ?? '';
  }

  function status(service: string, at: number): ServiceStatus {
    const found = session?.statuses.get(service.toLowerCase());
    if (!found) return { state: 'STOPPED', since: 0, exitCode: errors.neverStarted, processId: 0 };
    if (found.state !== 'START_PENDING' || at < found.since + SERVICE_START_MS) return found;
    const running: ServiceStatus = { ...found, state: 'RUNNING', since: found.since + SERVICE_START_MS };
    session?.statuses.set(service.toLowerCase(), running);
    return running;
  }

  function start(service: string, at: number): number {
    const wanted = configuration(service);
    if (!wanted || !session) return errors.doesNotExist;
    if (status(wanted.name, at).state !== 'STOPPED') return errors.alreadyRunning;
    if (wanted.start === 4) return errors.disabled;
    for (const needed of wanted.dependsOn) {
      if (status(needed, at).state !== 'STOPPED') continue;
      const error = start(needed, at);
      if (error !== 0) return errors.dependencyFailed;
    }
    const processId = wanted.type === 0x1 ? 0 : session.nextProcessId;
    session.nextProcessId += 4;
    session.statuses.set(wanted.name.toLowerCase(), { state: 'START_PENDING', since: at, exitCode: 0, processId });
    return 0;
  }

  function runningDependents(service: string, at: number): string[] {
    return configurations()
      .filter((other) => other.dependsOn.some((needed) => needed.toLowerCase() === service.toLowerCase()))
      .filter((other) => status(other.name, at).state !== 'STOPPED')
      .map((other) => other.name);
  }

  function stop(service: string, at: number, force = false): number {
    const wanted = configuration(service);
    if (!wanted) return errors.doesNotExist;
    if (status(wanted.name, at).state === 'STOPPED') return errors.notActive;
    addresses(at); // a lease that was on its way has been taken by now
    const dependents = runningDependents(wanted.name, at);
    if (dependents.length > 0 && !force) return errors.dependentServicesRunning;
    for (const dependent of dependents) stop(dependent, at, true);
    session?.statuses.set(wanted.name.toLowerCase(), { state: 'STOPPED', since: at, exitCode: 0, processId: 0 });
    return 0;
  }

  function boot(at: number): void {
    const starting = controlSetPath(content, 'Default');
    const selected = numberOf(content.readValue('SYSTEM\\Select', 'Default')) ?? 1;
    content.writeValue('SYSTEM\\Select', 'Current', { type: 'REG_DWORD', data: selected });
    session = { bootedAt: at, controlSet: starting, statuses: new Map(), addressSince: undefined, nextProcessId: 604 };
    const bootOrder = configurations().filter((service) => service.start <= 2);
    for (const service of bootOrder.sort((one, other) => one.start - other.start)) {
      if (start(service.name, at) !== errors.dependencyFailed) continue;
      recordDependencyFailure({ content, computerName: computerName(), service, configuration, at });
    }
  }

  /**
   * The address lives on after the DHCP client has stopped: Azure's leases do not run out while the VM is up
   * (design: "The guest as far as known"). Without a DHCP client since boot there is none. assumed: no APIPA address
   * then, because it is the DHCP client that makes one up.
   */
  function addresses(at: number): string[] {
    if (!session) return [];
    const settings = `${controlSet()}\\Services\\Tcpip\\Parameters\\Interfaces\\${interfaceId}`;
    if (numberOf(content.readValue(settings, 'EnableDHCP')) === 0) {
      const fixed = content.readValue(settings, 'IPAddress');
      return fixed?.type === 'REG_MULTI_SZ' ? [...fixed.data] : [];
    }
    const client = status('Dhcp', at);
    if (session.addressSince === undefined && client.state === 'RUNNING' && at >= client.since + LEASE_MS) {
      session.addressSince = client.since + LEASE_MS;
    }
    return session.addressSince === undefined ? [] : [options.address];
  }

  function isRunning(service: string, at: number): boolean {
    return status(service, at).state === 'RUNNING';
  }

  const terminalServer = () => `${controlSet()}\\Control\\Terminal Server`;
  return {
    language: options.language ?? 'en-US',
    content,
    bootedAt: () => session?.bootedAt,
    boot,
    powerOff() {
      session = undefined;
    },
    computerName,
    controlSet,
    configurations,
    configuration,
    status,
    start,
    stop,
    addresses,
    isAgentAlive: (at) =>
      agentHealthy && isRunning('RdAgent', at) && isRunning('WindowsAzureGuestAgent', at) && addresses(at).length > 0,
    setAgentHealth(alive) {
      agentHealthy = alive;
    },
    rdpPort: () => numberOf(content.readValue(`${terminalServer()}\\WinStations\\RDP-Tcp`, 'PortNumber')) ?? 3389,
    isRdpListening: (at) =>
      isRunning('TermService', at) && numberOf(content.readValue(terminalServer(), 'fDenyTSConnections')) !== 1,
  };
}
