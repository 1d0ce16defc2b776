/** Measures what it costs to read a diagnosis' evidence off a disk that is served in ranges, by us and by other tools. */
import { isDeepStrictEqual } from 'node:util';
import { blockSource } from '../src/disk/block-source';
import type { ByteSource } from '../src/disk/byte-source';
import { canReadFromDisk, readDiskEvidence } from '../src/guest/snapshot-disk';
import { diagnosisNeeds } from '../src/signatures/diagnose';
import { signatures } from '../src/signatures';
import { largeDiskAnswers, openCleanDisk, openDirtyDisk, type LargeDiskState } from '../test/disk/support/large-disk';
import { readWithTools, type ToolFigures } from './disk-tools';
import { median } from './figures';
import { serveRanges, type RangeServer } from './range-server';

const asOf = '2026-03-02T12:00:00.000Z';
const budget = { bytes: 256 * 1024 * 1024, requests: 10_000 };
const runs = 3;

/** Medians of several runs over HTTP on this machine, each request 20 ms. */
export interface DiskFigures {
  bytes: number;
  requests: number;
  seconds: number;
}

export interface DiskComparison {
  /** Hives as a VM leaves them that was shut down. */
  clean: DiskFigures;
  /** Hives that a running VM was writing to, with logs of more than 1 MiB. */
  dirty: DiskFigures;
  /** The same answers from the clean disk by other tools, or which of them is missing. */
  tools: ToolFigures | { missing: string };
}

/** Reads a disk of 127 GiB (fixtures/disk-images/large). Rejects if an answer is not what the independent tools say. */
export async function benchDisk(): Promise<DiskComparison> {
  const answers = largeDiskAnswers();
  const dirty = await measured(openDirtyDisk(), (server) => readRepeatedly(server, answers.after));
  const both = await measured(await openCleanDisk(), async (server) => ({
    clean: await readRepeatedly(server, answers.before),
    tools: await readWithTools(server),
  }));
  return { ...both, dirty };
}

async function measured<T>(disk: ByteSource, measure: (server: RangeServer) => Promise<T>): Promise<T> {
  const server = await serveRanges(disk);
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

async function readRepeatedly(server: RangeServer, answers: LargeDiskState): Promise<DiskFigures> {
  const figures: DiskFigures[] = [];
  // One run beforehand, so that the compiler's warm-up is not measured.
  for (let run = 0; run <= runs; run += 1) figures.push(await readOnce(server, answers));
  const warm = figures.slice(1);
  return {
    bytes: median(warm.map(({ bytes }) => bytes)),
    requests: median(warm.map(({ requests }) => requests)),
    seconds: median(warm.map(({ seconds }) => seconds)),
  };
}

async function readOnce(server: RangeServer, answers: LargeDiskState): Promise<DiskFigures> {
  const begun = performance.now();
  const head = await fetch(server.url, { method: 'HEAD' });
  const size = Number(head.headers.get('content-length'));
  const disk = blockSource({ size, budget, fetchRange: (start, end) => fetchRange(server.url, start, end) });
  const needs = diagnosisNeeds(signatures).filter(canReadFromDisk);
  const reading = await readDiskEvidence(disk, needs, { asOf, readAt: asOf });
  const seconds = (performance.now() - begun) / 1000;
  if (reading.kind === 'unreadable') throw new Error(`The large disk could not be read: ${reading.reason}`);
  for (const { from, ...fact } of reading.evidence) {
    const told = { ...fact, lastWritten: from.lastWritten };
    const isAsExpected = fact.kind === 'volume-state' || answers.evidence.some((one) => isSaid(told, one));
    if (!isAsExpected) throw new Error(`The large disk gave another ${fact.kind} than it has: ${JSON.stringify(told)}`);
  }
  return { ...server.takeCounts(), seconds };
}

/** Everything that the tools say of a fact; they do not tell the last write of all. */
function isSaid(fact: Record<string, unknown>, expected: Record<string, unknown>): boolean {
  return Object.entries(expected).every(([name, value]) => isDeepStrictEqual(fact[name], value));
}

async function fetchRange(url: string, start: number, end: number): Promise<Buffer> {
  const response = await fetch(url, { headers: { range: `bytes=${start}-${end - 1}` } });
  if (response.status !== 206) throw new Error(`A range was answered with ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}
