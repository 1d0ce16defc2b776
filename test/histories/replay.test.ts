import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventType, type HistoryEvent } from '../../local/host/durable/history';
import { runOrchestrator } from '../../local/host/durable/orchestrator-function';
import type { Instance } from '../../local/host/durable/store';
import { loadApp } from '../../local/host/worker/load-app';
import type { RecordedHistory, RecordedRepair } from './support/recorded-history';

jest.mock('@azure/functions-core', () => jest.requireActual<object>('../../local/host/worker/functions-core'), {
  virtual: true,
});

/**
 * A repair that a release began is carried on by the next one, from its history. Each recorded history is replayed on
 * today's code at each point at which the old release may have been stopped: today's story must ask for what was asked
 * then. See docs/change-a-story.md for what to do when this fails.
 */

const folder = join(__dirname, '../../fixtures/histories');
const releases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const recordings = releases.flatMap((release) =>
  readdirSync(join(folder, release)).map((file) => ({ release, vm: file.replace('.json', '') })),
);

const log: string[] = [];
let app: Awaited<ReturnType<typeof loadApp>>;

beforeAll(async () => {
  app = await loadApp(
    () => {
      jest.requireActual('../../src/main');
    },
    (level, message) => void log.push(`${level} ${message}`),
  );
});

describe('histories/replay: the histories of every release', () => {
  it('are there', () => {
    expect(app.error).toBeUndefined();
    expect(recordings.length).toBeGreaterThan(0);
  });

  it.each(recordings)('of $release are carried on by today’s code from any point ($vm)', async ({ release, vm }) => {
    const { histories } = JSON.parse(readFileSync(join(folder, release, `${vm}.json`), 'utf8')) as RecordedRepair;
    expect(histories.length).toBeGreaterThan(1);
    for (const history of histories) await replayAtEveryPoint(history);
  });

  it('would not be carried on by a story that asks for something else (this test can fail)', async () => {
    const [first] = recordings;
    const path = join(folder, first?.release ?? '', `${first?.vm ?? ''}.json`);
    const { histories } = JSON.parse(readFileSync(path, 'utf8')) as RecordedRepair;
    const story = histories.find(({ orchestrator }) => orchestrator === 'repair');
    if (!story) throw new Error(`There is no story in ${path}.`);
    const other = story.events.map((event) =>
      event.EventType === eventType.taskScheduled ? { ...event, Name: 'somethingElse' } : event,
    );
    await expect(replayAtEveryPoint({ ...story, events: other })).rejects.toThrow('Non-deterministic');
  });
});

async function replayAtEveryPoint({ orchestrator, instanceId, parentInstanceId, input, events }: RecordedHistory) {
  const times = { createdTime: 0, updatedTime: 0 };
  const instance: Instance = {
    ...times,
    instanceId,
    executionId: 'recorded',
    name: orchestrator,
    version: null,
    status: 'Running',
    input: JSON.stringify(input),
    output: null,
    customStatus: null,
    parent: parentInstanceId === null ? null : { instanceId: parentInstanceId, executionId: 'recorded', taskId: 0 },
  };
  const points = pointsOf(events);
  for (const [index, history] of points.entries()) {
    const { reply } = await runOrchestrator(app.registrations, instance, history, () => undefined);
    expect({ instanceId, point: index, error: reply.error }).toEqual({ instanceId, point: index, error: undefined });
    expect(reply.isDone).toBe(index === points.length - 1);
  }
}

/**
 * What the orchestrator was given at each of its turns: everything before, and what had arrived by then. What it asked for
 * in a turn, and the turn's end, were written after it.
 */
function pointsOf(events: HistoryEvent[]): HistoryEvent[][] {
  const written: number[] = [
    eventType.taskScheduled,
    eventType.timerCreated,
    eventType.subOrchestrationCreated,
    eventType.executionCompleted,
    eventType.orchestratorCompleted,
  ];
  return events.flatMap((event, start) => {
    if (event.EventType !== eventType.orchestratorStarted) return [];
    const rest = events.slice(start);
    const arrived = rest.slice(
      0,
      rest.findIndex(({ EventType }) => written.includes(EventType)),
    );
    const past = events.slice(0, start).map((one) => ({ ...one, IsPlayed: true }));
    return [[...past, ...arrived.map((one) => ({ ...one, IsPlayed: false }))]];
  });
}
