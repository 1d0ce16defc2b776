import { deadline } from '../../../src/azure/arm/deadline';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('azure/arm/deadline', () => {
  it('aborts when its time is over, not before', () => {
    const { signal } = deadline(1000);

    jest.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
  });

  it('aborts with its parent, also with one that has aborted before', () => {
    const parent = new AbortController();
    const { signal } = deadline(1000, parent.signal);
    parent.abort();

    expect(signal.aborted).toBe(true);
    expect(deadline(1000, parent.signal).signal.aborted).toBe(true);
  });

  it('aborts no more once it was cleared, and leaves no timer', () => {
    const parent = new AbortController();
    const { signal, clear } = deadline(1000, parent.signal);
    clear();
    parent.abort();
    jest.advanceTimersByTime(5000);

    expect(signal.aborted).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no timer once it was aborted', () => {
    const { signal, abort } = deadline(1000);
    abort();

    expect(signal.aborted).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
