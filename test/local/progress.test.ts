import { outcomeLines, progressPrinter } from '../../local/progress';
import { isPlain } from '../../src/plain-characters';
import { reportOf } from '../../src/report/repair-report';
import { changeRecord, repairDetail } from '../report/support/details';
import { undoBy } from '../../src/guest/undo';

const csi = String.fromCodePoint(0x9b);
const override = String.fromCodePoint(0x202e);

describe('local/progress', () => {
  it('prints nothing that acts on a terminal, and warns of a command that holds such characters', () => {
    const hostile = `a${csi}2J${override}b`;
    const detail = repairDetail(
      {
        steps: [
          { step: 's', title: hostile, startedAt: '2026-01-02T03:05:00.000Z', outcome: 'failed', detail: hostile },
        ],
        changes: [changeRecord({ title: hostile, before: hostile, undo: undoBy('reg.exe', 'add', hostile) })],
      },
      { ending: 'not-repaired', endingReason: hostile },
    );
    const printed: string[] = [];
    progressPrinter('vm', (line) => printed.push(line))(reportOf(detail));
    const lines = [...printed, ...outcomeLines(reportOf(detail))];
    expect(lines.filter((line) => !isPlain(line))).toEqual([]);
    expect(lines.join('\n')).toContain('\\u{9b}');
  });
});
