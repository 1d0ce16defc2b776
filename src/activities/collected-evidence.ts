import { z } from 'zod';
import { inOrderOfFreshness, sources, type Evidence, type Source } from '../guest/evidence';
import { evidenceItem } from '../guest/evidence-schemas';
import type { Ledger, RepairDetail } from '../ledger/ports';
import { readDocument } from './documents';
import type { AboutRepair } from './input';
import { snapshotProblem, type SnapshotProblem } from './snapshot-problem';

/** What one source gave, as the repair's document `evidence-<source>` keeps it; `problem` says why it gave nothing. */
export interface SourceDocument {
  evidence: Evidence[];
  problem?: string;
  /** Why, by its code: the snapshot has one. */
  code?: SnapshotProblem;
  /** When it was put on record, by our own clock, for what must not be too old: a guest's clock may be wrong. */
  keptAt?: string;
  /** What the reading cost, for sources that are paid by bytes and requests. */
  cost?: { bytes: number; requests: number; ms: number };
}

const sourceDocument: z.ZodType<SourceDocument> = z.strictObject({
  evidence: z.array(evidenceItem),
  problem: z.string().optional(),
  code: snapshotProblem.optional(),
  keptAt: z.iso.datetime().optional(),
  cost: z.strictObject({ bytes: z.number(), requests: z.number(), ms: z.number() }).optional(),
});

/** Of which repair, and of which of its readings, evidence is. */
type OfReading = Pick<AboutRepair, 'repairId' | 'reading'>;

function documentOf(source: Source, { reading = 1 }: OfReading): string {
  return `evidence-${source}${reading > 1 ? `-reading-${reading}` : ''}`;
}

/** Keeps what a source gave in this reading. */
export async function putEvidence(
  ledger: Ledger,
  of: OfReading,
  source: Source,
  document: SourceDocument,
): Promise<void> {
  await ledger.putDocument(of.repairId, documentOf(source, of), document);
}

/**
 * Keeps what the running guest was asked in addition, once the finding was known. Beside the document of its source and
 * not in it: what was found from that one stays as it was.
 */
export async function putFurtherEvidence(ledger: Ledger, of: OfReading, document: SourceDocument): Promise<void> {
  const name = documentOf('run-command', of).replace('run-command', 'run-command-further');
  await ledger.putDocument(of.repairId, name, document);
}

/**
 * Keeps what a recovery VM read off a copy before it was mended. Beside the document of its source: what was found by that one,
 * on a disk of the first snapshot, stays as it was.
 */
export async function putCopyEvidence(
  ledger: Ledger,
  { repairId, round }: { repairId: string; round: number },
  document: SourceDocument,
): Promise<void> {
  await ledger.putDocument(repairId, `evidence-recovery-vm-copy-${round}`, document);
}

const controllerDocument = 'evidence-run-command-controller';

/**
 * Keeps whether the running guest said that it is a domain controller, when it was asked before its disk would have been exchanged
 * once more. Beside the document of its source, as above.
 */
export async function putControllerEvidence(ledger: Ledger, repairId: string, document: SourceDocument): Promise<void> {
  await ledger.putDocument(repairId, controllerDocument, { keptAt: new Date().toISOString(), ...document });
}

/** What it said; undefined if it has not been asked. */
export function getControllerEvidence(ledger: Ledger, repairId: string): Promise<SourceDocument | undefined> {
  return readDocument(ledger, repairId, controllerDocument, sourceDocument);
}

/** All evidence among the documents of a repair, whichever source and occasion it is of. What is not what we write is left out. */
export function evidenceOnRecord(documents: RepairDetail['documents']): Evidence[] {
  return Object.entries(documents)
    .filter(([name]) => name.startsWith('evidence-'))
    .flatMap(([, document]) => sourceDocument.safeParse(document).data?.evidence ?? []);
}

/** What a source gave in this reading; undefined if it has not answered. A LedgerFault if it is not what we write. */
export function getEvidence(ledger: Ledger, of: OfReading, source: Source): Promise<SourceDocument | undefined> {
  return readDocument(ledger, of.repairId, documentOf(source, of), sourceDocument);
}

/** Asked in every repair; a recovery VM is made for some of them only. */
function isAlwaysAsked(source: Source): boolean {
  return source !== 'recovery-vm';
}

/** What all sources gave together in this reading, the freshest first, why some gave nothing, and which have not answered at all. */
export async function collectEvidence(
  ledger: Ledger,
  of: OfReading,
): Promise<{ evidence: Evidence[]; problems: { source: Source; reason: string }[]; missing: Source[] }> {
  const documents = await Promise.all(
    sources.map(async (source) => ({ source, document: await getEvidence(ledger, of, source) })),
  );
  const problems = documents.flatMap(({ source, document }) => {
    if (!document) return isAlwaysAsked(source) ? [{ source, reason: 'it did not answer in time.' }] : [];
    return document.problem === undefined ? [] : [{ source, reason: document.problem }];
  });
  const missing = documents.flatMap(({ source, document }) => (document || !isAlwaysAsked(source) ? [] : [source]));
  const evidence = inOrderOfFreshness(documents.flatMap(({ document }) => document?.evidence ?? []));
  return { evidence, problems, missing };
}
