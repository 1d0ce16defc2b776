import type { SerialConsoleState } from '../azure/outside';
import type { ArmFailure, VirtualMachine } from '../azure/ports';
import type { OutcomeCode } from '../outcome-codes';
import type { RouteCode } from './route-codes';

/** For each route of the design, whether it could be taken at this VM, judged from outside the guest. Pure. */

/** What is known of the serial console, or why it is not known. */
export type ConsoleKnowledge = { known: true; state: SerialConsoleState } | { known: false; why: string };

/** One route, with a stable code: that of its state, or of the outcome that closed it in a plan. */
export interface RouteState {
  route: 'run-command' | 'serial-console' | 'recovery-vm';
  /** Whether this release could take it here. */
  open: boolean;
  /** Whether a person could take it; the same as `open` if it is not said. */
  byHand?: 'yes' | 'no' | 'not-known';
  code: RouteCode | OutcomeCode;
  reason: string;
}

/** The routes in the order in which they are tried: the gentlest first. */
export function routesOf(vm: VirtualMachine, serialConsole: ConsoleKnowledge): RouteState[] {
  return [
    runCommand(vm),
    { route: 'serial-console', open: false, ...consoleByHand(vm, serialConsole) },
    recoveryVm(vm),
  ];
}

/** Whether the console of this VM is worth a question to Azure: nothing else shuts it already. */
export function isConsoleOfInterest(vm: VirtualMachine): boolean {
  return closedToBoth(vm) === undefined && vm.bootDiagnostics === true;
}

/** Azure does not say what the route hangs on. */
const notToldCodes: readonly RouteCode[] = ['os-type-missing', 'power-state-missing'];

function closedToBoth(vm: VirtualMachine): { code: RouteCode; reason: string } | undefined {
  if (vm.osType === 'Linux') return { code: 'not-windows', reason: `The VM runs ${vm.osType}.` };
  if (vm.osType === 'unknown')
    return { code: 'os-type-missing', reason: 'Azure does not say which operating system the VM runs.' };
  if (vm.powerState === undefined)
    return { code: 'power-state-missing', reason: 'Azure does not say whether the VM runs.' };
  if (vm.powerState !== 'running') return { code: 'not-running', reason: `The VM is ${vm.powerState}.` };
  return undefined;
}

function runCommand(vm: VirtualMachine): RouteState {
  const route = 'run-command';
  const closed = closedToBoth(vm);
  if (closed) return { route, open: false, ...closed };
  if (!vm.agent.usable) return { route, open: false, code: 'agent-silent', reason: vm.agent.reason };
  return { route, open: true, code: 'agent-ready', reason: vm.agent.reason };
}

const notDriven = 'This release does not use it by itself.';

/**
 * What the Azure CLI looks at before it connects, in its order:
 * Azure/azure-cli-extensions:src/serial-console/azext_serialconsole/custom.py (check_resource).
 */
function consoleByHand(vm: VirtualMachine, serialConsole: ConsoleKnowledge): Omit<RouteState, 'route' | 'open'> {
  const closed = closedToBoth(vm);
  if (closed) {
    const byHand = notToldCodes.includes(closed.code) ? 'not-known' : 'no';
    return { byHand, code: closed.code, reason: `${closed.reason} ${notDriven}` };
  }
  if (vm.bootDiagnostics !== true) {
    const reason = `Boot diagnostics are off, and the serial console needs them. ${notDriven}`;
    return { byHand: 'no', code: 'boot-diagnostics-off', reason };
  }
  if (!serialConsole.known) {
    const reason = `Whether the serial console is enabled for the subscription is not known: ${serialConsole.why} ${notDriven}`;
    return { byHand: 'not-known', code: 'console-not-known', reason };
  }
  if (serialConsole.state !== 'enabled') {
    const reason = `The serial console is not enabled for the subscription. ${notDriven}`;
    return { byHand: 'no', code: 'console-disabled', reason };
  }
  const reason = `A person can use it: boot diagnostics are on, and it is enabled for the subscription. ${notDriven}`;
  return { byHand: 'yes', code: 'console-by-hand', reason };
}

/** What can be said of it from outside; the rest hangs on what is found, and is said by `recoveryVmOf`. */
function recoveryVm(vm: VirtualMachine): RouteState {
  const route = 'recovery-vm';
  const closed = closedToBoth(vm);
  if (closed) return { route, open: false, ...closed };
  const reason = 'Whether a recovery VM may mend the disk is looked at once a cause is found.';
  return { route, open: false, code: 'not-decided', reason };
}

/** The route as a plan has decided it: nothing stood against it, or what did. Undefined if the plan does not speak of it. */
export function recoveryVmOf(plan: {
  routes: readonly string[];
  closed: readonly { route: string; code: OutcomeCode; reason: string }[];
  recovery?: { awaited?: { code: OutcomeCode; reason: string } };
}): RouteState | undefined {
  const route = 'recovery-vm';
  const closed = plan.closed.find((one) => one.route === route);
  if (closed) return { route, open: false, code: closed.code, reason: closed.reason };
  if (!plan.routes.includes(route)) return undefined;
  const { awaited } = plan.recovery ?? {};
  if (awaited) {
    const later = `${awaited.reason} That may pass, and is waited for when its turn comes.`;
    return { route, open: true, code: awaited.code, reason: later };
  }
  const reason = 'Nothing stood against mending a copy of the disk by a recovery VM when the plan was made.';
  return { route, open: true, code: 'recovery-vm-open', reason };
}

/** Why a call that was to find out about the console found out nothing. */
export function consoleUnknown(failure: ArmFailure): ConsoleKnowledge {
  if (failure.kind === 'forbidden') {
    return { known: false, why: `it needs ${failure.action} on the subscription, and no role grants it there.` };
  }
  return { known: false, why: `Azure did not say (${failure.code}).` };
}
