/** At which deed a host dies: for tests of what becomes of a repair then. */
import type { Deed, Watch } from './deeds';

/** Just before or after the nth deed, counted from 1 when the point is set. */
export interface CrashPoint {
  when: 'before' | 'after';
  nth: number;
  /** A regular expression: which deeds count. */
  deeds: string;
  /** Regular expressions: nothing counts before a deed that fits the one, nor after one that fits the other. */
  from?: string;
  until?: string;
}

/** Lets a host die at a point that is set while it runs. */
export interface CrashSwitch {
  watch: Watch;
  /** Sets the point, or takes it away. */
  set: (point: CrashPoint | undefined) => void;
}

/** A switch that calls `die` at the point, once. */
export function crashSwitch(die: (deed: Deed) => void): CrashSwitch {
  let isMet: (when: 'before' | 'after', deed: Deed) => boolean = () => false;
  return {
    watch(when, deed) {
      if (isMet(when, deed)) die(deed);
    },
    set(point) {
      isMet = point ? meeting(point) : () => false;
    },
  };
}

function meeting(point: CrashPoint): (when: 'before' | 'after', deed: Deed) => boolean {
  const counts = counting(point);
  let count = 0;
  return (when, deed) => {
    if (!counts(deed) || when !== point.when) return false;
    count += 1;
    return count === point.nth;
  };
}

/** Tells of each deed, in their order, whether it counts. */
export function counting({ deeds, from, until }: Pick<CrashPoint, 'deeds' | 'from' | 'until'>) {
  const pattern = new RegExp(deeds);
  let isWithin = from === undefined;
  let isOver = false;
  return (deed: Deed): boolean => {
    if (!isWithin) isWithin = new RegExp(from ?? '').test(deed);
    isOver ||= isWithin && until !== undefined && new RegExp(until).test(deed);
    return isWithin && !isOver && pattern.test(deed);
  };
}
