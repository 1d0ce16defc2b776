import { factOf, type Evidence, type Need } from '../../guest/evidence';
import { readOfflineChange, renderOfflineChanges, type OfflineResult } from '../../guest/offline-changes';
import type { OfflineTarget } from '../../guest/offline-changes/offline-change';
import { optionTitle, type OfflineOption } from '../../guest/offline-changes/options';
import { noUndo } from '../../guest/undo';
import type { Plan } from '../plan';
import { done, type Progress } from '../progress';
import { runInGuest, whyUnanswered } from '../run-in-guest';
import { recordOption, type CopyBench } from './copy-record';
import { orderOf } from './disk-bench';

/** What has to be known of the disk for the options that the plan asks for. */
export function loaderNeeds({ recovery }: Plan): Need[] {
  return recovery?.options.includes('enable-serial-console') ? [{ kind: 'boot-configuration' }] : [];
}

/**
 * Writes on the mended copy what the settings ask for besides the cure, in a run of its own: it may need the registry where the cure
 * does not. Each value is looked at before and after; whatever fails is told, and takes nothing from the cure.
 */
export async function addOptions(
  bench: CopyBench,
  { target, evidence }: { target: OfflineTarget; evidence: Evidence[] },
): Promise<Progress<OfflineResult[]>> {
  const wanted = bench.input.plan.recovery?.options ?? [];
  const options = wanted.flatMap((kind) => optionOf(kind, evidence) ?? []);
  const impossible = wanted.filter((kind) => !options.some((option) => option.kind === kind)).map(withoutLoader);
  const written = options.length === 0 ? done([], '') : await write(bench, options, target);
  if (written.kind !== 'done') return written;
  const results = [...written.value, ...impossible];
  for (const result of results) await recordOption(bench, result);
  return done(results, '');
}

function optionOf(kind: OfflineOption['kind'], evidence: Evidence[]): OfflineOption | undefined {
  if (kind === 'enable-crash-dump') return { kind };
  const loader = factOf(evidence, 'boot-configuration')?.next.id;
  return loader === undefined ? undefined : { kind, loader };
}

async function write(
  bench: CopyBench,
  options: OfflineOption[],
  target: OfflineTarget,
): Promise<Progress<OfflineResult[]>> {
  const { tools, input } = bench;
  const commands = renderOfflineChanges(options, target);
  const run = await runInGuest(tools, input, { ...orderOf(bench, 'options'), commands });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'answered') {
    return done(
      options.map((option) => readOfflineChange(option, target, run.answer)),
      '',
    );
  }
  const reason = `whether it was written is not known: ${whyUnanswered(run)}`;
  return done(
    options.map(({ kind }) => failed(kind, reason)),
    '',
  );
}

function withoutLoader(kind: OfflineOption['kind']): OfflineResult {
  return failed(kind, 'which loader the next boot takes could not be read');
}

function failed(kind: OfflineOption['kind'], reason: string): OfflineResult {
  const untold = { before: 'not read', undo: noUndo('what it was before was not read'), undoOffline: [] };
  return { change: kind, title: optionTitle(kind), outcome: 'failed', reason, ...untold };
}
