import * as df from 'durable-functions';
import { orchestration, temporaryFolder, testHost, type TestHost } from './support/test-host';

/** Called at the start of every activity run; what it does is the test's. */
let onActivity: (name: string) => Promise<void> = () => Promise.resolve();
let activityRuns: string[] = [];

function register(): void {
  df.app.activity('step', {
    handler: async (name: string) => {
      activityRuns.push(name);
      await onActivity(name);
      return `${name} done`;
    },
  });
  orchestration('child', function* (context) {
    const name = context.df.getInput();
    const first = yield context.df.callActivity('step', `${String(name)} 1`);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1));
    return [first, yield context.df.callActivity('step', `${String(name)} 2`)];
  });
  orchestration('story', function* (context) {
    const begin = yield context.df.callActivity('step', 'begin');
    const event = yield context.df.waitForExternalEvent('event');
    const children = yield context.df.Task.all([
      context.df.callSubOrchestrator('child', 'left', `${context.df.instanceId}-left`),
      context.df.callSubOrchestrator('child', 'right', `${context.df.instanceId}-right`),
    ]);
    return { begin, event, children, end: yield context.df.callActivity('step', 'end') };
  });
  orchestration('waits', function* (context) {
    return yield context.df.waitForExternalEvent('go');
  });
}

const outcome = {
  begin: 'begin done',
  event: 'kept',
  children: [
    ['left 1 done', 'left 2 done'],
    ['right 1 done', 'right 2 done'],
  ],
  end: 'end done',
};

beforeEach(() => {
  activityRuns = [];
  onActivity = () => Promise.resolve();
});

const never = new Promise<void>(() => undefined);

/** How often each activity has an answer in the histories of the story. */
async function answersOf(host: TestHost): Promise<number> {
  let answers = 0;
  for (const id of ['story', 'story-left', 'story-right']) {
    const events = (await host.status(id, 'showHistory=true'))?.historyEvents ?? [];
    answers += events.filter(({ EventType }) => EventType === 'TaskCompleted').length;
  }
  return answers;
}

async function runStory(host: TestHost): Promise<void> {
  await host.start('story', undefined, 'story');
  await host.manage('POST', 'instances/story/raiseEvent/event', 'kept');
}

describe('conformance/restart: an undisturbed story', () => {
  it('ends with its outcome', async () => {
    const host = await testHost(register);
    await runStory(host);
    expect((await host.ended('story')).output).toEqual(outcome);
    expect(await answersOf(host)).toBe(6);
  });
});

describe('conformance/restart: a host that dies', () => {
  it('in every activity in turn, comes to the same outcome, each activity answered exactly once', async () => {
    const stateFolder = temporaryFolder();
    const killedIn = new Set<string>();
    for (let life = 1; life <= 6; life += 1) {
      const hosting = testHost(register, { stateFolder });
      const death = new Promise<void>((resolve) => {
        let isDying = false;
        onActivity = async (name) => {
          if (killedIn.has(name) && !isDying) return;
          if (!isDying) {
            isDying = true;
            killedIn.add(name);
            (await hosting).crash();
            resolve();
          }
          await never;
        };
      });
      // The first death comes in the first activity; the second life begins with the wait for the event.
      if (life === 1) await (await hosting).start('story', undefined, 'story');
      if (life === 2) await (await hosting).manage('POST', 'instances/story/raiseEvent/event', 'kept');
      await death;
    }
    onActivity = () => Promise.resolve();
    const host = await testHost(register, { stateFolder });
    expect((await host.ended('story')).output).toEqual(outcome);
    expect(killedIn.size).toBe(6);
    expect(await answersOf(host)).toBe(6);
    // At least once: each ran again after the death that it caused, and some were lost with a sibling's.
    expect(activityRuns.length).toBeGreaterThanOrEqual(12);
  });

  it('finds its waiting instances, their early events and its keys again', async () => {
    const stateFolder = temporaryFolder();
    const before = await testHost(register, { stateFolder });
    await before.start('waits', undefined, 'waiting');
    await before.reached('waiting', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await before.manage('POST', 'instances/waiting/suspend?reason=x');
    await before.reached('waiting', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await before.manage('POST', 'instances/waiting/raiseEvent/go', 'early');
    before.crash();

    const after = await testHost(register, { stateFolder });
    expect(after.keys).toEqual(before.keys);
    expect(await after.status('waiting')).toMatchObject({ runtimeStatus: 'Suspended' });
    await after.manage('POST', 'instances/waiting/resume?reason=y');
    expect((await after.ended('waiting')).output).toBe('early');
  });

  it('writes nothing more, even when an activity in flight ends after it', async () => {
    const stateFolder = temporaryFolder();
    const before = await testHost(register, { stateFolder });
    let finish = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      onActivity = () => {
        resolve();
        return new Promise((done) => (finish = done));
      };
    });
    await before.start('story', undefined, 'story');
    await started;
    before.crash();
    finish();
    onActivity = () => never;
    const after = await testHost(register, { stateFolder });
    while (activityRuns.length < 2) await after.status('story');
    expect(activityRuns).toEqual(['begin', 'begin']);
    expect(await answersOf(after)).toBe(0);
  });
});

describe('conformance/restart: a host that stops gracefully', () => {
  it('lets what is in flight end and goes on after the next start', async () => {
    const stateFolder = temporaryFolder();
    const before = await testHost(register, { stateFolder });
    const started = new Promise<void>((resolve) => {
      onActivity = () => {
        resolve();
        return Promise.resolve();
      };
    });
    await runStory(before);
    await started;
    await before.stop();
    await expect(fetch(before.url)).rejects.toThrow();
    const after = await testHost(register, { stateFolder });
    expect((await after.ended('story')).output).toEqual(outcome);
    expect(await answersOf(after)).toBe(6);
  });
});
