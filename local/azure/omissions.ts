/**
 * Fields that a test or a person takes out of ARM's answers, for a number of calls or for a time: what Azure has left out of an
 * answer now and then (an instance view without a power state, a disk without its owner) is neither yes nor no to whoever asks.
 */
import type { ArmResponse } from './arm-errors';

/** As posted to the control API. */
export interface Omission {
  match: {
    /** GET if not given. */
    method?: string;
    /** Compared without case with path and query. */
    pathContains: string;
  };
  /**
   * Where the field is: `managedBy`, `properties.provisioningState`, `properties.instanceView.vmAgent.statuses`. In a list `[x]` stands
   * for the elements whose `code` begins so, and `[*]` for all: `properties.instanceView.statuses[PowerState]`, `value[*].tags`.
   */
  field: string;
  /** In how many answers. */
  times?: number;
  /** For how long, in local seconds; both may be given, and the first that is over ends it. */
  forSeconds?: number;
}

export interface Omissions {
  plant: (omission: Omission) => void;
  /** Takes all away, or those that were planted for this `pathContains`. */
  clear: (pathContains?: string) => void;
  /** The answer without the fields. Counts it for each omission that took something out of it. */
  apply: (method: string, target: string, answer: ArmResponse) => ArmResponse;
}

export function createOmissions(): Omissions {
  let planted: { omission: Omission; left: number; endsAt: number }[] = [];
  return {
    plant(omission) {
      const { times = Infinity, forSeconds = Infinity } = omission;
      planted.push({ omission, left: times, endsAt: Date.now() + forSeconds * 1000 });
    },
    clear(pathContains) {
      planted =
        pathContains === undefined
          ? []
          : planted.filter(({ omission }) => omission.match.pathContains !== pathContains);
    },
    apply(method, target, answer) {
      if (answer.body === undefined || answer.status >= 400 || planted.length === 0) return answer;
      const body = structuredClone(answer.body);
      for (const entry of planted) {
        if (entry.left <= 0 || Date.now() >= entry.endsAt || !matches(entry.omission, method, target)) continue;
        if (omit(body, entry.omission.field.split('.'))) entry.left -= 1;
      }
      return { ...answer, body };
    },
  };
}

/** Checks a posted omission. Answers what is wrong with it, or undefined. */
export function omissionProblem(value: unknown): string | undefined {
  const { match, field, times, forSeconds } = value as Partial<Omission>;
  if (typeof match?.pathContains !== 'string') return 'match.pathContains must be a text.';
  if (typeof field !== 'string' || !/^[\w-]+(?:\[[^\].]+\])?(?:\.[\w-]+(?:\[[^\].]+\])?)*$/.test(field))
    return 'field must be a path such as properties.instanceView.statuses[PowerState].';
  const isCount = (given: unknown) => given === undefined || (typeof given === 'number' && given > 0);
  if (!isCount(times) || !isCount(forSeconds)) return 'times and forSeconds must be numbers above 0.';
  return times === undefined && forSeconds === undefined ? 'times or forSeconds is missing.' : undefined;
}

function matches({ match: { method = 'GET', pathContains } }: Omission, asked: string, target: string): boolean {
  return asked === method.toUpperCase() && target.toLowerCase().includes(pathContains.toLowerCase());
}

/** Takes the field out; answers whether it was there. */
function omit(body: unknown, path: readonly string[]): boolean {
  const [segment = '', ...rest] = path;
  if (typeof body !== 'object' || body === null) return false;
  const [, name = segment, which] = /^([^[]+)\[(.+)\]$/.exec(segment) ?? [];
  const holder = body as Record<string, unknown>;
  const value = holder[name];
  if (value === undefined) return false;
  if (which === undefined) {
    if (rest.length > 0) return omit(value, rest);
    return Reflect.deleteProperty(holder, name);
  }
  if (!Array.isArray(value)) return false;
  const meant = value.filter((one) => which === '*' || codeOf(one).startsWith(which.toLowerCase()));
  if (rest.length > 0) return meant.map((one) => omit(one, rest)).includes(true);
  holder[name] = value.filter((one) => !meant.includes(one));
  return meant.length > 0;
}

function codeOf(element: unknown): string {
  const { code } = (element ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code.toLowerCase() : '';
}
