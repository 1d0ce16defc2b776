import { actionType, type Action } from '../../../local/host/durable/actions';
import { arrival, eventType, request, type HistoryEvent } from '../../../local/host/durable/history';
import { assertSameTasks } from '../../../local/host/durable/library-tasks';
import { plan } from '../../../local/host/durable/plan';

const day = 86_400_000;

function started(time: number): HistoryEvent {
  return arrival({ EventType: eventType.orchestratorStarted }, time);
}
function began(time = 0): HistoryEvent[] {
  return [started(time), arrival({ EventType: eventType.executionStarted, Name: 'o', Input: 'null' }, time)];
}
function timerCreated(id: number): HistoryEvent {
  return request({ EventType: eventType.timerCreated, FireAt: '' }, id, 0);
}
function timerFired(id: number): HistoryEvent {
  return arrival({ EventType: eventType.timerFired, TimerId: id, FireAt: '' }, 0);
}
function scheduled(id: number, name = 'a'): HistoryEvent {
  return request({ EventType: eventType.taskScheduled, Name: name, Input: null }, id, 0);
}
function failed(id: number): HistoryEvent {
  return arrival({ EventType: eventType.taskFailed, TaskScheduledId: id, Reason: '', Details: '' }, 0);
}

function planOf(history: HistoryEvent[], actions: Action[]) {
  return plan({ instanceId: 'i', history, actions, unknownFunction: () => undefined });
}

function timer(fireAt: number, isCanceled = false): Action {
  return { actionType: actionType.createTimer, fireAt: new Date(fireAt).toISOString(), isCanceled };
}
function activity(functionName = 'a'): Action {
  return { actionType: actionType.callActivity, functionName };
}
function retried(options: object): Action {
  const retryOptions = { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: 4, ...options };
  return { actionType: actionType.callActivityWithRetry, functionName: 'a', retryOptions };
}

function dueOf(result: ReturnType<typeof planOf>): (number | string)[] {
  return result.decisions.map((decision) => (decision.kind === 'timer' ? decision.fireAt : decision.name));
}

describe('local/host/plan: timers of more than six days', () => {
  it('are a chain of three-day timers, each with its own id', () => {
    const action = [timer(8 * day)];
    const first = began();
    expect(dueOf(planOf(first, action))).toEqual([3 * day]);
    const second = [...first, timerCreated(0), started(3 * day), timerFired(0)];
    const rest = planOf(second, action);
    expect(rest.decisions).toEqual([{ kind: 'timer', id: 1, fireAt: 8 * day, cancelled: false }]);
    const last = [...second, timerCreated(1), started(8 * day), timerFired(1)];
    expect(planOf(last, action)).toMatchObject({ decisions: [], settled: true });
  });

  it('of exactly six days are one timer', () => {
    expect(dueOf(planOf(began(), [timer(6 * day)]))).toEqual([6 * day]);
  });
});

describe('local/host/plan: retries', () => {
  const afterFailures = (count: number): HistoryEvent[] => {
    const events = began();
    for (let index = 0; index < count; index += 1) {
      if (index > 0) events.push(timerCreated(2 * index - 1), started(index), timerFired(2 * index - 1));
      events.push(scheduled(2 * index), started(0), failed(2 * index));
    }
    return events;
  };

  it('wait longer after each failure, up to the maximum', () => {
    const options = { backoffCoefficient: 3, maxRetryIntervalInMilliseconds: 8000 };
    const delays = [1, 2, 3].map((count) => dueOf(planOf(afterFailures(count), [retried(options)]))[0]);
    expect(delays).toEqual([1000, 3000, 8000]);
  });

  it('end with a timer that is due at once', () => {
    const result = planOf(afterFailures(2), [retried({ maxNumberOfAttempts: 2 }), activity('next')]);
    expect(result.decisions).toEqual([{ kind: 'timer', id: 3, fireAt: 0, cancelled: false }]);
  });

  it('end without a timer when the retry timeout is over', () => {
    const events = [...began(), scheduled(0), started(5000), failed(0)];
    const result = planOf(events, [retried({ retryTimeoutInMilliseconds: 5000 }), activity('next')]);
    expect(result.decisions).toMatchObject([{ kind: 'activity', id: 1, name: 'next' }]);
  });
});

describe('local/host/plan: cancelled timers', () => {
  it('take an id, are not awaited, and end the race at once', () => {
    const race: Action = {
      actionType: actionType.whenAny,
      compoundActions: [{ actionType: actionType.waitForExternalEvent, externalEventName: 'e' }, timer(day, true)],
    };
    const result = planOf([...began(), timerCreated(0)], [race, activity()]);
    expect(result.cancelledTimers).toEqual([0]);
    expect([...result.open]).toEqual([[1, "activity 'a'"]]);
  });

  it('that race with a retried call give other ids on replay than at first, which is found out', () => {
    const call = retried({});
    const race = (isCanceled: boolean): Action => ({
      actionType: actionType.whenAny,
      compoundActions: [call, timer(day, isCanceled)],
    });
    const events = [...began(), scheduled(0), timerCreated(1), started(1), failed(0)];
    expect(planOf(events, [race(false)]).decisions).toMatchObject([{ kind: 'timer', id: 2 }]);
    events.push(timerCreated(2));
    expect(() => planOf(events, [race(true), activity('next')])).toThrow(/instance 'i' has timer under id 2/);
  });
});

describe('local/host/plan: the comparison with what the library awaits', () => {
  const result = planOf(began(), [{ actionType: actionType.whenAll, compoundActions: [activity('a'), activity('b')] }]);
  const same = new Map([
    [0, "activity 'a'"],
    [1, "activity 'b'"],
  ]);

  it('finds no fault when both await the same', () => {
    expect(() => assertSameTasks('i', result, same, false)).not.toThrow();
  });

  it.each([
    ['another name', new Map([...same, [1, "activity 'c'"]])],
    ['a task fewer', new Map([...same].slice(1))],
    ['a task more', new Map([...same, [2, 'timer']])],
  ])('finds %s, naming instance and ids', (_case, library) => {
    expect(() => assertSameTasks('i', result, library, false)).toThrow(
      /instance 'i' .* outstanding \[0\] activity 'a', \[1\] activity 'b', while the code awaits \[/,
    );
  });

  it('lets the library know of more once it has ended or is ahead', () => {
    const more = new Map([...same, [2, 'timer']]);
    expect(() => assertSameTasks('i', result, more, true)).not.toThrow();
    expect(() => assertSameTasks('i', { ...result, caughtUp: false }, more, false)).not.toThrow();
  });
});
