/** Measures how fast the alert door answers while alerts keep coming: the app, the simulated Azure, storage, all local. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availabilityAlert } from '../local/alert-payload';
import { callDoor } from '../local/app-client';
import { startCloud, type Cloud } from '../local/cloud';
import { openSimulatedAzure } from '../local/simulated-azure-client';
import { median } from './figures';

const alertsPerSecond = 50;
const secondsPerRun = 4;
const runs = 3;

/** Medians of several runs, in ms, and how many answers were no 202. */
export interface AcknowledgementFigures {
  p50: number;
  p99: number;
  alerts: number;
  notAccepted: number;
}

/** Sends alerts at a steady rate, whether or not the earlier ones were answered, and times each answer. */
export async function benchAlertAcknowledgement(): Promise<AcknowledgementFigures> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-bench-'));
  const cloud = await startCloud({ stateFolder, speed: 1 });
  try {
    const vmIds = (await openSimulatedAzure(cloud.azure.controlUrl).vms()).map(({ id }) => id);
    // One run beforehand, so that loading the SDKs and opening connections is not measured.
    await runOnce(cloud, vmIds);
    const measured: Answer[][] = [];
    for (let run = 0; run < runs; run += 1) measured.push(await runOnce(cloud, vmIds));
    const percentiles = (share: number) => median(measured.map((answers) => percentile(answers, share)));
    const all = measured.flat();
    return {
      p50: percentiles(0.5),
      p99: percentiles(0.99),
      alerts: all.length,
      notAccepted: all.filter(({ status }) => status !== 202).length,
    };
  } finally {
    await cloud.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

interface Answer {
  status: number;
  ms: number;
}

async function runOnce(cloud: Cloud, vmIds: string[]): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const begun = performance.now();
  for (let index = 0; index < alertsPerSecond * secondsPerRun; index += 1) {
    const dueIn = begun + (index * 1000) / alertsPerSecond - performance.now();
    if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn));
    answers.push(timed(cloud, vmIds[index % vmIds.length] ?? ''));
  }
  return Promise.all(answers);
}

async function timed(cloud: Cloud, vmId: string): Promise<Answer> {
  const payload = availabilityAlert(vmId);
  const sent = performance.now();
  const { status } = await callDoor(cloud, 'POST', '/api/alerts', payload);
  return { status, ms: performance.now() - sent };
}

function percentile(answers: Answer[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
