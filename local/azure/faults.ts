/** Faults that a test or a person plants into ARM's answers. */
import { injectedError, tooManyRequests, type ArmResponse } from './arm-errors';
import type { OperationFate } from './long-running-operations';

/** As posted to the control API. */
export interface Fault {
  match: {
    method?: string;
    /** Compared without case with path and query. */
    pathContains: string;
    /** Only from the n-th matching call on, counted from 1 at the time of planting. */
    nth?: number;
  };
  /** How many calls it strikes. */
  times: number;
  /** `before`: the call does nothing; `after`: it is carried out, and its answer is lost. */
  when: 'before' | 'after';
  status?: number;
  code?: string;
  message?: string;
  retryAfterSeconds?: number;
  /** Closes the connection without an answer. */
  dropConnection?: boolean;
  /**
   * ARM takes the call, and the long-running operation that it begins ends badly, with `code` and `message`, never, or only after so
   * many seconds more than usual (`forSeconds`). The answer itself stays as it is; `when` means nothing.
   */
  operation?: 'fails' | 'never-ends' | 'lasts';
  /** Of an operation that lasts, in local seconds. */
  forSeconds?: number;
  /** Closes the connection in the middle of the body. Blobs only. */
  cutBody?: boolean;
}

/** What strikes a call. */
interface Strike {
  fault: Fault;
  when: Fault['when'];
  /** undefined: the connection is dropped. */
  response: ArmResponse | undefined;
  /** Set: only the operation is struck. */
  fate: OperationFate | undefined;
}

export interface Faults {
  plant: (fault: Fault) => void;
  /** Takes faults away: all, or those that were planted for this `pathContains`. */
  clear: (pathContains?: string) => void;
  /** Counts the call against every fault and answers the first that strikes it. */
  strike: (method: string, target: string) => Strike | undefined;
}

export function createFaults(): Faults {
  let planted: { fault: Fault; seen: number; left: number }[] = [];
  return {
    plant(fault) {
      planted.push({ fault, seen: 0, left: fault.times });
    },
    clear(pathContains) {
      planted =
        pathContains === undefined ? [] : planted.filter(({ fault }) => fault.match.pathContains !== pathContains);
    },
    strike(method, target) {
      const matching = planted.filter(({ fault }) => matches(fault, method, target));
      for (const entry of matching) entry.seen += 1;
      const striking = matching.find((entry) => entry.left > 0 && entry.seen >= (entry.fault.match.nth ?? 1));
      if (!striking) return undefined;
      striking.left -= 1;
      const { fault } = striking;
      return { fault, when: fault.when, response: responseOf(fault), fate: fateOf(fault) };
    },
  };
}

/** Checks a posted fault. Answers what is wrong with it, or undefined. */
export function faultProblem(value: unknown): string | undefined {
  const fault = value as Partial<Fault> | null;
  if (typeof fault?.match?.pathContains !== 'string') return 'match.pathContains must be a text.';
  if (!Number.isInteger(fault.times) || (fault.times ?? 0) < 1) return 'times must be a whole number above 0.';
  if (fault.when !== 'before' && fault.when !== 'after') return 'when must be "before" or "after".';
  const isSpecial = fault.dropConnection === true || fault.cutBody === true || fault.operation !== undefined;
  if (!isSpecial && !Number.isInteger(fault.status)) return 'status, dropConnection, cutBody or operation is missing.';
  if (fault.operation === 'lasts' && !((fault.forSeconds ?? 0) > 0)) return 'forSeconds must be a number above 0.';
  return undefined;
}

function matches(fault: Fault, method: string, target: string): boolean {
  if (fault.match.method && fault.match.method.toUpperCase() !== method) return false;
  return target.toLowerCase().includes(fault.match.pathContains.toLowerCase());
}

/** assumed: AllocationFailed and its words stand for whatever goes wrong when nothing else is asked for. */
function fateOf(fault: Fault): OperationFate | undefined {
  if (fault.operation === undefined) return undefined;
  if (fault.operation === 'never-ends') return { kind: 'never-ends' };
  if (fault.operation === 'lasts') return { kind: 'lasts', ms: (fault.forSeconds ?? 0) * 1000 };
  // MicrosoftDocs/azure-docs:articles/virtual-machines/windows/error-messages.md
  const message =
    fault.message ??
    'The VM allocation failed due to an internal error. Please retry later or try deploying to a different location.';
  return { kind: 'fails', error: { code: fault.code ?? 'AllocationFailed', message } };
}

function responseOf(fault: Fault): ArmResponse | undefined {
  if (fault.dropConnection) return undefined;
  const status = fault.status ?? 500;
  if (status === 429 && fault.code === undefined)
    return tooManyRequests('HighCostGet3Min', fault.retryAfterSeconds ?? 10);
  const message = fault.message ?? 'The service is unavailable now.';
  return injectedError(status, fault.code ?? 'InternalServerError', message, fault.retryAfterSeconds);
}
