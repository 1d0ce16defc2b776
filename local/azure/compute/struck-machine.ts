/** A machine whose operation was struck by a planted fault. */
import type { OperationError } from '../long-running-operations';
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
