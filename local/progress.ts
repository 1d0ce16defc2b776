/** Prints a repair's progress for a person: each step as it begins and ends, then the outcome. */
import type { Contradiction } from '../src/guest/contradictions';
import type { Disbelief, Provenance } from '../src/guest/evidence';
import type { RepairReport } from '../src/report/repair-report';
import { escapedLine } from '../src/plain-characters';
import type { Diagnosis } from '../src/signatures/diagnose';

const isTerminal = process.stdout.isTTY && !process.env.NO_COLOR;

function paint(code: string, text: string): string {
  return isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export const green = (text: string) => paint('32', text);
export const red = (text: string) => paint('31', text);
export const dim = (text: string) => paint('2', text);
export const bold = (text: string) => paint('1', text);

/** Text that may come from a guest, in one line, with what is not seen or acts on a terminal shown as `\u{…}`. */
export const visible = escapedLine;

const marks = { done: green('✔'), 'nothing-to-do': dim('–'), failed: red('✘'), refused: red('■') };

/** Gives a function that prints what is new in each report that it sees. `name` leads each line. */
export function progressPrinter(
  name: string,
  print: (line: string) => void = console.log,
): (report: RepairReport) => void {
  const begun = new Set<string>();
  const ended = new Set<string>();
  return (report) => {
    for (const step of report.steps) {
      if (!begun.has(step.step)) print(`${name} ${dim('…')} ${visible(step.title)}`);
      begun.add(step.step);
      if (!step.outcome || ended.has(step.step)) continue;
      ended.add(step.step);
      const took = step.endedAt ? dim(` ${duration(step.startedAt, step.endedAt)}`) : '';
      print(`${name} ${marks[step.outcome]} ${visible(step.detail ?? step.title)}${took}`);
    }
  };
}

/** The time between two moments, for people. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The document `diagnosis` of a report, as the app of this checkout writes it. */
export type DiagnosisDocument = Diagnosis & {
  byHand: string[];
  contradictions: Contradiction[];
  /** Absent in a record of an earlier release. */
  disbelieved?: Disbelief[];
};

/** The cause that was found, each reason with where and as of when it was read; nothing if none was found. */
export function findingLines(report: RepairReport): string[] {
  const diagnosis = report.diagnosis as DiagnosisDocument | undefined;
  if (diagnosis?.kind !== 'found') return [];
  const waits = diagnosis.effect === 'next-boot' ? dim(' (takes effect at the next boot)') : '';
  return [
    `${bold(`cause: ${diagnosis.title}`)}${waits}`,
    ...diagnosis.reasons.flatMap(({ text, from }) => [`  ${visible(text)}`, dim(`    ${sourceLine(from)}`)]),
    ...contradictionLines(diagnosis.contradictions),
    ...disbeliefLines(diagnosis.disbelieved ?? []),
  ];
}

function sourceLine({ source, place, readAt, asOf, lastWritten, caution }: Provenance): string {
  const when = asOf === undefined ? `read ${readAt}` : `as of ${asOf}`;
  const written = lastWritten === undefined ? '' : `, last written ${lastWritten}`;
  const careful = caution === undefined ? '' : `, but ${visible(caution)}`;
  return `${source}: ${visible(place)}, ${when}${written}${careful}`;
}

function contradictionLines(contradictions: Contradiction[]): string[] {
  return contradictions.map(({ about, statements }) => {
    const says = statements.map(({ source, says: value }) => `${source} says ${visible(value)}`).join(', ');
    return `  the sources differ on ${visible(about)}: ${says}`;
  });
}

function disbeliefLines(disbelieved: Disbelief[]): string[] {
  const shown = ({ says, at }: Disbelief['told']) => visible(at === undefined ? says : `${says} (${at})`);
  return disbelieved.map(({ code, told, by }) => `  not believed (${code}): ${shown(told)}, because ${shown(by)}`);
}

function byHandLines(report: RepairReport): string[] {
  const diagnosis = report.diagnosis as DiagnosisDocument | undefined;
  if (report.ending === 'repaired' || !diagnosis?.byHand?.length) return [];
  return ['  by hand:', ...diagnosis.byHand.map((line) => dim(`      ${visible(line)}`))];
}

/** The outcome of a repair with everything that a person may want to do next. */
export function outcomeLines(report: RepairReport): string[] {
  const ending = report.ending ?? 'running';
  const took = report.endedAt ? ` after ${duration(report.acceptedAt, report.endedAt)}` : '';
  const good = ['repaired', 'healthy', 'recovered-by-itself', 'rolled-back'].includes(ending);
  const lines = [`${bold((good ? green : red)(ending))}${dim(took)}  ${visible(report.reason ?? '')}`];
  lines.push(...findingLines(report).map((line) => `  ${line}`), ...byHandLines(report));
  for (const change of report.changes) {
    lines.push(
      `  changed  ${visible(change.title)}: ${visible(change.before)} → ${visible(change.after ?? 'not read again')}`,
    );
  }
  for (const kept of report.kept)
    lines.push(`  kept     ${visible(kept.resourceId)} until ${kept.expiresAt ?? 'you delete it'}`);
  for (const left of report.temporary) lines.push(`  left     ${visible(left.resourceId ?? left.purpose)}`);
  for (const way of report.wayBack) {
    const note = way.note === undefined ? [] : [dim(`      (${visible(way.note)})`)];
    lines.push(`  to undo ${visible(way.undoes)}:`, ...way.commands.flatMap(commandLines), ...note);
  }
  return lines;
}

/** A command that holds what must not be printed is not one to be copied from a terminal. */
function commandLines(command: string): string[] {
  const shown = visible(command);
  if (shown === command) return [dim(`      ${command}`)];
  return [
    dim(`      ${shown}`),
    '      (it holds hidden characters, shown as \\u{…}: take it from the JSON of the report)',
  ];
}
