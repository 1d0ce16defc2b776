/** A machine whose operation was struck by a planted fault, or lasts longer than usual. */
import type { OperationError } from '../long-running-operations';
import { pause } from '../timers';
import type { Machine } from './machine';

/** Lets the machine show that its last operation failed; it is free for the next one. */
export function failMachine(machine: Machine): (failure: OperationError) => void {
  return (failure) => {
    machine.isBusy = false;
    machine.provisioningState = 'Failed';
    machine.failure = failure;
    machine.changedAt = Date.now();
  };
}

/** Lets the machine show that its last operation went well; it is free for the next one. */
export function settleMachine(machine: Machine): void {
  machine.isBusy = false;
  machine.provisioningState = 'Succeeded';
  machine.failure = undefined;
  machine.changedAt = Date.now();
}

/** Nothing comes of an operation for so long, but that the machine is busy; then it begins. */
export async function holdUp(machine: Machine, ms: number): Promise<void> {
  machine.isBusy = true;
  machine.provisioningState = 'Updating';
  await pause(ms);
  machine.isBusy = false;
}
