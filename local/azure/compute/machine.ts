/** A virtual machine: power, boots and the agent's reports. Time passes by itself in `pause`. */
import { randomUUID } from 'node:crypto';
import type { PowerRequest, WindowsGuest } from '../../windows/guest';
import {
  AGENT_FIRST_REPORT_MS,
  AGENT_REPORT_INTERVAL_MS,
  BOOT_MS,
  DEALLOCATE_MS,
  POWER_OFF_MS,
  RESTART_MS,
  START_MS,
} from '../durations';
import type { OperationError } from '../long-running-operations';
import { every, pause } from '../timers';
import type { MachineModel } from './machine-settings';
import type { RunCommand } from './run-command';

export type PowerState = 'running' | 'starting' | 'stopping' | 'stopped' | 'deallocating' | 'deallocated';

interface MachineSettings {
  id: string;
  name: string;
  resourceGroup: string;
  location: string;
  tags: Record<string, string>;
  osType: 'Windows' | 'Linux';
  model: MachineModel;
  createdAt: number;
  address: string;
}

interface NewMachine extends MachineSettings {
  /** Gives what is inside, as it was when the machine was made; called once, when somebody first looks. None: Linux. */
  guest?: () => WindowsGuest;
}

export interface Machine extends MachineSettings {
  /** undefined: a Linux machine, of which nothing inside is simulated. */
  readonly guest: WindowsGuest | undefined;
  /** ARM's `vmId`. */
  readonly vmId: string;
  power: PowerState;
  provisioningState: 'Creating' | 'Succeeded' | 'Updating' | 'Failed' | 'Deleting';
  /** Why it is Failed. */
  failure: OperationError | undefined;
  /** Counts the changes of the model; shown as its etag. */
  revision: number;
  /** When Azure last changed something of it. */
  changedAt: number;
  /** When the guest agent last reported since the guest came up. */
  lastReportAt: number | undefined;
  /** True while a power operation runs. */
  isBusy: boolean;
  /** Whether boot diagnostics are on, with storage of Azure's own. */
  bootDiagnostics: boolean;
  runCommands: Map<string, RunCommand>;
  /** Ends the agent's reports, for a machine that is taken away. */
  stopReporting: () => void;
}

/** Linux is taken as up and well as long as it has power. */
export function isAgentAlive(machine: Machine, at: number): boolean {
  if (machine.power !== 'running') return false;
  return machine.guest ? machine.guest.isAgentAlive(at) : true;
}

/** When the guest came up; for Linux when the machine was made. undefined while it is off. */
export function bootedAt(machine: Machine): number | undefined {
  if (machine.power !== 'running') return undefined;
  return machine.guest ? machine.guest.bootedAt() : machine.createdAt;
}

/** What the guest's disk says of it; undefined without a guest, or with a disk that nobody can read. */
export function readGuest<T>({ guest }: Machine, read: (guest: WindowsGuest) => T): T | undefined {
  try {
    return guest && read(guest);
  } catch {
    return undefined;
  }
}

/** A machine, running unless said otherwise; if its agent lives, it has been reporting. */
export function createMachine({ guest, ...settings }: NewMachine, power: PowerState = 'running'): Machine {
  const inside = lookInsideOnce(guest);
  let lastReportAt: number | undefined;
  const machine: Machine = {
    ...settings,
    get guest() {
      return inside.guest(machine);
    },
    get lastReportAt() {
      inside.guest(machine);
      return lastReportAt;
    },
    set lastReportAt(at) {
      lastReportAt = at;
    },
    vmId: randomUUID(),
    power,
    provisioningState: 'Succeeded',
    failure: undefined,
    revision: 1,
    changedAt: settings.createdAt,
    isBusy: false,
    bootDiagnostics: true,
    runCommands: new Map(),
    stopReporting: every(reportEveryMs, () => {
      if (inside.isKnown()) reportIfDue(machine, Date.now());
    }),
  };
  if (!guest && power === 'running') lastReportAt = Date.now();
  return machine;
}

const reportEveryMs = 1000;

/**
 * A guest is put together when somebody first looks into its machine: of a fleet most stay shut. Until then nobody can have
 * changed it, so what it has reported meanwhile is made up for.
 */
function lookInsideOnce(make: (() => WindowsGuest) | undefined) {
  const madeAt = Date.now();
  let isKnown = make === undefined;
  let guest: WindowsGuest | undefined;
  return {
    isKnown: () => isKnown,
    guest(machine: Machine): WindowsGuest | undefined {
      if (isKnown || !make) return guest;
      isKnown = true;
      const made = (guest = make());
      if (isAgentAlive(machine, madeAt)) machine.lastReportAt = madeAt;
      for (let at = madeAt + reportEveryMs; at <= Date.now(); at += reportEveryMs) reportIfDue(machine, at);
      made.onPowerRequest((request) => {
        void obeyGuest(machine, made, request);
      });
      return made;
    },
  };
}

function reportIfDue(machine: Machine, at: number): void {
  const up = bootedAt(machine);
  if (up === undefined || at < up + AGENT_FIRST_REPORT_MS) return;
  if (machine.lastReportAt !== undefined && at < machine.lastReportAt + AGENT_REPORT_INTERVAL_MS) return;
  if (isAgentAlive(machine, at)) machine.lastReportAt = at;
}

/** Runs a power operation alone. Resolves when it has ended; answers false when another one is running. */
async function alone(machine: Machine, work: () => Promise<void>): Promise<boolean> {
  if (machine.isBusy) return false;
  machine.isBusy = true;
  machine.provisioningState = 'Updating';
  try {
    await work();
  } finally {
    machine.isBusy = false;
    machine.provisioningState = 'Succeeded';
    machine.failure = undefined;
    machine.changedAt = Date.now();
  }
  return true;
}

/**
 * Windows gets the time to shut down cleanly, unless it is asked to be skipped:
 * https://learn.microsoft.com/rest/api/compute/virtual-machines/power-off (skipShutdown)
 */
function guestDown(machine: Machine, isPlugPulled = false): void {
  if (isPlugPulled) machine.guest?.powerOff();
  else machine.guest?.shutDown(Date.now());
  machine.lastReportAt = undefined;
}

async function guestUp(machine: Machine): Promise<void> {
  await pause(BOOT_MS);
  machine.guest?.boot(Date.now());
}

/**
 * A restart or a shutdown from inside is no operation of Azure's: the machine shows as running while Windows restarts,
 * and as stopped after a shutdown. One that comes while Azure changes the machine's power is lost in it.
 */
async function obeyGuest(machine: Machine, guest: WindowsGuest, request: PowerRequest): Promise<void> {
  const session = guest.bootedAt();
  await pause(Math.max(0, request.at - Date.now()));
  if (machine.isBusy || machine.power !== 'running' || guest.bootedAt() !== session) return;
  guestDown(machine);
  if (request.kind === 'shutdown') {
    machine.power = 'stopped';
    return;
  }
  await pause(BOOT_MS);
  if (!machine.isBusy && machine.power === 'running') guest.boot(Date.now());
}

/** Powers off (`stopped`: keeps the host) or deallocates. A machine that has no power is deallocated all the same. */
export function powerOff(machine: Machine, to: 'stopped' | 'deallocated', skipShutdown = false): Promise<boolean> {
  // assumed: powering off what is deallocated changes nothing.
  if (to === 'stopped' && machine.power === 'deallocated' && !machine.isBusy) return Promise.resolve(true);
  return alone(machine, async () => {
    machine.power = to === 'stopped' ? 'stopping' : 'deallocating';
    guestDown(machine, skipShutdown);
    await pause(to === 'stopped' ? POWER_OFF_MS : DEALLOCATE_MS);
    machine.power = to;
  });
}

/** Starts; a running machine is left as it is. */
export function start(machine: Machine): Promise<boolean> {
  if (machine.power === 'running' && !machine.isBusy) return Promise.resolve(true);
  return alone(machine, async () => {
    machine.power = 'starting';
    await pause(START_MS - BOOT_MS);
    await guestUp(machine);
    machine.power = 'running';
  });
}

/** Restarts the guest; the machine keeps showing "VM running". */
export function restart(machine: Machine): Promise<boolean> {
  return alone(machine, async () => {
    guestDown(machine);
    await pause(RESTART_MS - BOOT_MS);
    await guestUp(machine);
  });
}

/** The first boot of a machine that was just made. Windows is there when its guest signals that it is set up. */
export async function firstBoot(machine: Machine): Promise<void> {
  machine.power = 'starting';
  await guestUp(machine);
  machine.power = 'running';
}
