/**
 * A Windows guest: while it runs, what its services, network and agent do; all else is on its disk. A guest that is off
 * knows nothing by itself: whoever asks it something makes it look at the disk afresh.
 *
 * Nothing here runs on timers. Every look at the guest is given the time and first lets the guest catch up with it
 * (a starting service becomes a running one), so that its state is the same however often it is looked at.
 * All times are ms since the Unix epoch, local time.
 */
import type { ByteStore } from '../disk/byte-store';
import { createAttachedDisks, type AttachedDisk, type AttachedDisks } from './attached-disks';
import { countBoot, recordBoot, recordShutdown, recordShutdownRequest, writeShutdownTime } from './boot-events';
import {
  safeModes,
  takeBootLoader,
  unmountable,
  type BootChoice,
  type BootFailure,
  type SafeMode,
} from './boot-manager';
import type { CodePage } from './code-page';
import type { DiskContent } from './content';
import { languageFacts, readLanguage, type GuestLanguage } from './language';
import { createNetworkAdapter, type NetworkAdapter } from './network-adapter';
import { createRunningRegistry, safeBootOption, type RegistryView, type VolatileKey } from './running-registry';
import {
  controlSetPath,
  numberOf,
  readServiceConfiguration,
  readServiceConfigurations,
  textOf,
  type ServiceConfiguration,
} from './service-configuration';
import { createServiceManager, type Ailment, type ServiceManager, type ServiceStatus } from './service-manager';
import { systemErrors } from './system-errors';
import { recordDependencyFailure, recordDriversNotLoaded, type LogContext } from './system-log';

/** A restart or a shutdown that someone inside asked for. */
export interface PowerRequest {
  kind: 'restart' | 'shutdown';
  /** When it is to happen. */
  at: number;
}

/** What a running guest knows only until it is switched off. */
interface Session {
  content: DiskContent;
  bootedAt: number;
  controlSet: string;
  choice: BootChoice;
  services: ServiceManager;
  adapter: NetworkAdapter;
  volatileKeys: readonly VolatileKey[];
  disks: AttachedDisks;
}

export interface WindowsGuest {
  /** The machine's language, as its disk says it. */
  readonly language: GuestLanguage;
  /** What is on the disk, as the running Windows sees it; of a guest that is off, mounted read-only for this question. */
  readonly content: DiskContent;
  /** When the kernel came up; undefined while the guest is off or could not boot. */
  bootedAt(): number | undefined;
  /** Boots from the disk: its boot store, start types and dependencies decide what runs. */
  boot(at: number): void;
  /** Why the last boot ended at the boot manager; undefined when it did not. */
  bootFailure(): BootFailure | undefined;
  /** The safe mode it runs in; undefined: none, or it does not run. */
  safeMode(): SafeMode | undefined;
  /** The boot loader it runs from, `{guid}`; undefined while it does not run. */
  bootLoader(): string | undefined;
  /** Shuts Windows down: services end, the log says so, all is written to the disk. */
  shutDown(at: number): void;
  /** Pulls the plug: only what is on the disk stays. */
  powerOff(): void;
  /** Asks for a restart or a shutdown from inside; the machine around it carries it out. */
  requestPower(request: PowerRequest): void;
  /** Calls `listener` for each such request. */
  onPowerRequest(listener: (request: PowerRequest) => void): void;
  computerName(): string;
  /** `SYSTEM\ControlSet00N` in use; for a guest that is off, the one of the next boot. */
  controlSet(): string;
  /** The registry as programs in the guest see it. */
  registry(): RegistryView;
  /** The disks that are attached besides its own; undefined while it does not run. */
  attachedDisks(): AttachedDisks | undefined;
  /** The code page that its console programs write in. */
  oemCodePage(): CodePage;
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
  /** Lets a service's program fail from its next start on. */
  afflict(service: string, ailment: Ailment): void;
  rdpPort(): number;
  isRdpListening(at: number): boolean;
}

/** Options of a guest: its disk and what DHCP gives it. */
export interface GuestOptions {
  /** Gives what is on the disk now: writable for a boot, read-only for a question to a guest that is off. */
  mount: (options: { readOnly: boolean }) => DiskContent;
  address: string;
  /** The bytes of its own disk, for a guest that is to tell them from those of attached ones. */
  systemDisk?: () => ByteStore;
  /** The data disks that the machine around it has attached; none if left out. */
  attachedDisks?: () => readonly AttachedDisk[];
}

const stopped: ServiceStatus = { state: 'STOPPED', since: 0, exitCode: systemErrors.neverStarted, processId: 0 };

/** A guest that is switched off. */
export function createWindowsGuest(options: GuestOptions): WindowsGuest {
  let session: Session | undefined;
  let failure: BootFailure | undefined;
  let agentHealthy = true;
  const ailments = new Map<string, Ailment>();
  const powerListeners: ((request: PowerRequest) => void)[] = [];

  function disk(): DiskContent {
    return session?.content ?? options.mount({ readOnly: true });
  }

  function boot(at: number): void {
    session = undefined;
    failure = undefined;
    const content = mountForBoot();
    if (!content) return;
    const result = takeBootLoader(content);
    content.flush(); // the boot manager keeps nothing in memory: a boot sequence is used up at once
    if (result.kind === 'failed') failure = result.failure;
    else session = startWindows(content, at, result.choice);
  }

  function mountForBoot(): DiskContent | undefined {
    try {
      return options.mount({ readOnly: false });
    } catch (error) {
      failure = unmountable(error);
      return undefined;
    }
  }

  function startWindows(content: DiskContent, at: number, choice: BootChoice): Session {
    const controlSet = controlSetPath(content, 'Default');
    const selected = numberOf(content.readValue('SYSTEM\\Select', 'Default')) ?? 1;
    content.writeValue('SYSTEM\\Select', 'Current', { type: 'REG_DWORD', data: selected });
    const startOptions = { type: 'REG_SZ', data: choice.loadOptions } as const;
    content.writeValue(`${controlSet}\\Control`, 'SystemStartOptions', startOptions);
    const { safeMode, alternateShell } = choice;
    countBoot(content, controlSet, at);
    content.startEventLog();
    const language = readLanguage(content, controlSet);
    const services = createServiceManager({ ailments, content, controlSet, safeMode, language });
    const adapter = createNetworkAdapter({ content, controlSet, services, address: options.address });
    const option = safeMode && safeBootOption(controlSet, safeModes.indexOf(safeMode) + 1, alternateShell);
    const log = { content, computerName: computerNameOn(content, controlSet), language };
    recordBoot(log, at, choice);
    autoStart(services, log, controlSet, at);
    // On demand by default, and it listens after every boot all the same. assumed: the session manager starts it so.
    if (isRdpAllowed(content, controlSet)) services.start('TermService', at);
    const disks = createAttachedDisks({
      attached: options.attachedDisks ?? (() => []),
      own: options.systemDisk,
      sanPolicy: () => numberOf(content.readValue(`${controlSet}\\Services\\partmgr\\Parameters`, 'SanPolicy')),
    });
    return {
      content,
      bootedAt: at,
      controlSet,
      choice,
      services,
      adapter,
      volatileKeys: option ? [option] : [],
      disks,
    };
  }

  function shutDown(at: number): void {
    if (!session) return;
    session.adapter.addresses(at); // a lease that was on its way has been taken by now
    recordShutdown(logContext(session), at);
    writeShutdownTime(session.content, session.controlSet, at);
    session.content.flush();
    session = undefined;
  }

  function status(service: string, at: number): ServiceStatus {
    return session?.services.status(service, at) ?? stopped;
  }
  function isRunning(service: string, at: number): boolean {
    return status(service, at).state === 'RUNNING';
  }
  function addresses(at: number): string[] {
    return session?.adapter.addresses(at) ?? [];
  }

  /** Answers a question about the disk with one look at it. */
  function onDisk<Answer>(ask: (content: DiskContent, controlSet: string, language: GuestLanguage) => Answer): Answer {
    const content = disk();
    const controlSet = session?.controlSet ?? controlSetPath(content, 'Default');
    return ask(content, controlSet, readLanguage(content, controlSet));
  }
  const language = () => onDisk((_content, _controlSet, spoken) => spoken);

  return {
    get language() {
      return language();
    },
    get content() {
      return disk();
    },
    bootedAt: () => session?.bootedAt,
    boot,
    bootFailure: () => failure,
    safeMode: () => session?.choice.safeMode,
    bootLoader: () => session?.choice.loader,
    shutDown,
    powerOff() {
      session = undefined;
      failure = undefined;
    },
    requestPower(request) {
      if (!session) return;
      recordShutdownRequest(logContext(session), request.at, request.kind);
      for (const listener of powerListeners) listener(request);
    },
    onPowerRequest(listener) {
      powerListeners.push(listener);
    },
    computerName: () => onDisk(computerNameOn),
    controlSet: () => onDisk((_content, controlSet) => controlSet),
    registry() {
      const registry = onDisk((content, controlSet) =>
        createRunningRegistry(content, controlSet, session?.volatileKeys ?? []),
      );
      return session ? session.disks.hives.over(registry) : registry;
    },
    attachedDisks: () => session?.disks,
    oemCodePage: () => languageFacts[language()].oemCodePage,
    configurations: () => onDisk(readServiceConfigurations),
    configuration: (service) =>
      onDisk((content, controlSet, spoken) => readServiceConfiguration(content, controlSet, service, spoken)),
    status,
    start: (service, at) => session?.services.start(service, at) ?? systemErrors.doesNotExist,
    stop(service, at, force = false) {
      addresses(at); // a lease that was on its way has been taken by now
      return session?.services.stop(service, at, force) ?? systemErrors.doesNotExist;
    },
    addresses,
    isAgentAlive: (at) =>
      agentHealthy && isRunning('RdAgent', at) && isRunning('WindowsAzureGuestAgent', at) && addresses(at).length > 0,
    setAgentHealth(alive) {
      agentHealthy = alive;
    },
    afflict(service, ailment) {
      ailments.set(service.toLowerCase(), ailment);
    },
    rdpPort: () =>
      onDisk(
        (content, controlSet) =>
          numberOf(content.readValue(`${terminalServer(controlSet)}\\WinStations\\RDP-Tcp`, 'PortNumber')) ?? 3389,
      ),
    isRdpListening: (at) => isRunning('TermService', at) && onDisk(isRdpAllowed),
  };
}

/** Starts what is to start by itself and writes down what did not. */
function autoStart(services: ServiceManager, log: LogContext, controlSet: string, at: number): void {
  const failures = services.autoStart(at);
  for (const failed of failures.dependencies) {
    const needed = readServiceConfiguration(log.content, controlSet, failed.needed, log.language);
    recordDependencyFailure(log, at, { ...failed, neededDisplayName: needed?.displayName ?? failed.needed });
  }
  if (failures.drivers.length > 0) {
    const names = failures.drivers.map(({ name }) => name);
    recordDriversNotLoaded(log, at, names);
  }
}

function logContext({ content, controlSet }: Session): LogContext {
  return {
    content,
    computerName: computerNameOn(content, controlSet),
    language: readLanguage(content, controlSet),
  };
}

function computerNameOn(content: DiskContent, controlSet: string): string {
  return textOf(content.readValue(`${controlSet}\\Control\\ComputerName\\ComputerName`, 'ComputerName')) ?? '';
}

function isRdpAllowed(content: DiskContent, controlSet: string): boolean {
  return numberOf(content.readValue(terminalServer(controlSet), 'fDenyTSConnections')) !== 1;
}

function terminalServer(controlSet: string): string {
  return `${controlSet}\\Control\\Terminal Server`;
}
