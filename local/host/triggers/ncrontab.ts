/**
 * NCRONTAB, the schedules of timer triggers: six fields beginning with seconds, or five without.
 * `cron-parser` finds the times; what it reads differently is ruled out or mended here: it has more syntax (`L`, `#`,
 * `?`, `@daily`, Sunday as 7), and where both days are restricted it takes either, while NCRONTAB takes days that are both.
 * Sources: https://github.com/atifaziz/NCrontab and
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
import { CronExpressionParser } from 'cron-parser';

const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const days = 'sun|mon|tue|wed|thu|fri|sat';

/** The first time after `from` (both ms) when the schedule is due. Undefined when that never comes. */
export type Schedule = (from: number) => number | undefined;

/** Reads an NCRONTAB expression; times are those of `timeZone`. Throws, saying which field is not understood. */
export function parseNcrontab(expression: string, timeZone = 'UTC'): Schedule {
  const given = expression.trim().split(/\s+/);
  const fields = given.length === 5 ? ['0', ...given] : given;
  if (fields.length !== 6) {
    throw new Error(`The schedule '${expression}' has ${given.length} fields; NCRONTAB has six (or five, no seconds).`);
  }
  fields.forEach((field, index) => checkField(expression, field, index));
  const [dayOfMonth, dayOfWeek] = [fields[3] ?? '', fields[5] ?? ''];
  const bothDays = !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*');
  const timing = [...fields.slice(0, 5), bothDays ? '*' : dayOfWeek].join(' ');
  const wanted = bothDays ? weekdays(dayOfWeek) : undefined;
  return (from) => firstTime(timing, timeZone, from, wanted);
}

/** A day that exists and is the right weekday comes within 28 years of the calendar's cycle, so 400 days per year do. */
const mostCandidates = 28 * 400;

function firstTime(timing: string, tz: string, from: number, wanted: Set<number> | undefined): number | undefined {
  try {
    const times = CronExpressionParser.parse(timing, { currentDate: new Date(from), tz });
    for (let count = 0; count < mostCandidates; count += 1) {
      const time = times.next();
      if (!wanted || wanted.has(time.getDay())) return time.getTime();
    }
  } catch {
    // The parser throws when it has looked far enough without finding a time, e.g. for the 31st of February.
  }
  return undefined;
}

function checkField(expression: string, field: string, index: number): void {
  const value = index === 4 ? `(?:\\d{1,2}|${months})` : index === 5 ? `(?:[0-6]|${days})` : '\\d{1,2}';
  const item = `(?:\\*|${value}(?:-${value})?)(?:/\\d{1,2})?`;
  if (new RegExp(`^${item}(?:,${item})*$`, 'i').test(field)) return;
  const name = ['second', 'minute', 'hour', 'day', 'month', 'day of week'][index] ?? '';
  throw new Error(`The schedule '${expression}' is no NCRONTAB: its field '${field}' (${name}) is not understood.`);
}

function weekdays(field: string): Set<number> {
  const numbers = field.toLowerCase().replace(new RegExp(days, 'g'), (name) => String(days.split('|').indexOf(name)));
  return new Set(numbers.split(',').flatMap(range));
}

function range(item: string): number[] {
  const [span = '', step = '1'] = item.split('/');
  const [from = 0, given] = span.split('-').map(Number);
  const to = given ?? (item.includes('/') ? 6 : from);
  return Array.from({ length: 7 }, (_, day) => day).filter(
    (day) => day >= from && day <= to && (day - from) % Number(step) === 0,
  );
}
