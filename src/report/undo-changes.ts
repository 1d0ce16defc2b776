import { powerShellLine } from '../guest/powershell-line';
import type { ChangeRecord, RepairDetail } from '../ledger/ports';
import { isReadable, quoted, scriptArgument, type WayBack } from './az';
import { swapOnRecord } from './way-back-from-copy';

/** cmd, which runs `az` on Windows, takes 8,191 characters: learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation */
const longestCommand = 7_500;

/** The changes in the guest, the last one first; what no command takes back is told. */
export function undoChanges(detail: RepairDetail): WayBack[] {
  const { vmId } = detail.repair;
  const made = detail.changes.filter((change) => isInGuest(detail, change)).reverse();
  const undoable = made.filter(({ undo }) => undo.kind !== 'nothing');
  if (undoable.length === 0) return [];
  const lines = undoable.flatMap(({ undo }) => (undo.kind === 'commands' ? undo.commandLines : [])).map(powerShellLine);
  const begin = `az vm run-command invoke --ids ${quoted(vmId)} --command-id RunPowerShellScript --scripts`;
  const note = noteOf(undoable, lines);
  return [
    {
      undoes: `the changes in the guest: ${undoable.map(({ title }) => title).join('; ')}`,
      commands: inCommands(begin, lines.map(scriptArgument)),
      ...(note === '' ? {} : { note }),
    },
  ];
}

/** One that was made on a copy is in the guest only while the VM is known to run from that copy. */
function isInGuest(detail: RepairDetail, { place, written }: ChangeRecord): boolean {
  if (written === false) return false;
  if (place.kind === 'guest') return true;
  const swap = swapOnRecord(detail);
  return swap?.isConfirmed === true && swap.round === place.round;
}

/** As many arguments in one command as it takes. */
function inCommands(begin: string, scripts: string[]): string[] {
  const commands: string[] = [];
  for (const script of scripts) {
    const last = commands.at(-1);
    const longer = `${last} ${script}`;
    if (last !== undefined && longer.length <= longestCommand) commands[commands.length - 1] = longer;
    else commands.push(`${begin} ${script}`);
  }
  return commands;
}

function noteOf(changes: ChangeRecord[], lines: string[]): string {
  const left = changes.flatMap(({ title, undo }) => {
    const why = undo.kind === 'commands' ? undo.except : undo.kind === 'impossible' ? undo.why : undefined;
    return why === undefined ? [] : [`No command takes this back: ${title} (${why}).`];
  });
  const encoded = lines.filter((line) => !isReadable(line)).map((line) => `An encoded line runs: ${line}`);
  return [...left, ...encoded].join(' ');
}
