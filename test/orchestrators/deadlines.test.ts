import { rounds } from '../../src/ledger/ports';
import type { Patience } from '../../src/orchestrators/durable';
import { patience as ofLook } from '../../src/orchestrators/look-by-recovery-vm';
import { patience as ofCopy } from '../../src/orchestrators/mend-on-copy';
import { patience as ofProof } from '../../src/orchestrators/prove-repair';
import { patience as ofRepair } from '../../src/orchestrators/repair';
import { patience as ofParent } from '../../src/orchestrators/repair-vm';
import { patience as ofRollback } from '../../src/orchestrators/roll-back';
import { longestRepairMs } from '../../src/triggers/revive-repairs';

function sumOf(table: Record<string, unknown>): number {
  return Object.values(table)
    .filter(isPatience)
    .reduce((sum, { deadlineMs }) => sum + deadlineMs, 0);
}

function isPatience(value: unknown): value is Patience {
  return typeof value === 'object' && value !== null && 'deadlineMs' in value;
}

const looks = { guest: 6, copy: 4 };

describe('orchestrators/deadlines: a repair that takes as long as it may at every step', () => {
  const around = sumOf(ofParent);

  it('is not taken for one that hangs (hazard: upkeep terminates a repair that is at work)', () => {
    const proof = ofProof.deadlineMs * (looks.guest + looks.copy);
    const { stopPatient, copyOsDisk, attachCopy, mendCopy, detachCopy, swapOsDisk } = ofCopy;
    // Each further round of copying, and the diagnosis after a look, once more.
    const furtherRounds =
      (rounds.length - 1) * sumOf({ stopPatient, copyOsDisk, attachCopy, mendCopy, detachCopy, swapOsDisk });
    const again = ofRepair.diagnose.deadlineMs;
    const longest = around + sumOf(ofRepair) + again + sumOf(ofLook) + sumOf(ofCopy) + furtherRounds + proof;
    expect(longest).toBeGreaterThan(12 * 60 * 60_000);
    expect(longest).toBeLessThan(longestRepairMs);
  });

  it('is shorter still where it is a rollback', () => {
    expect(around + sumOf(ofRollback)).toBeLessThan(longestRepairMs / 2);
  });
});
