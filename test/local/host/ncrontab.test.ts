import { parseNcrontab } from '../../../local/host/triggers/ncrontab';

function next(expression: string, from: string, count = 1, timeZone?: string): string[] {
  const schedule = parseNcrontab(expression, timeZone);
  const times: string[] = [];
  for (let time = schedule(Date.parse(from)); time !== undefined && times.length < count; time = schedule(time)) {
    times.push(new Date(time).toISOString().replace('.000Z', 'Z'));
  }
  return times;
}

describe('local/host/ncrontab: NCRONTAB', () => {
  it.each([
    ['0 */5 * * * *', '2026-03-01T10:02:03Z', '2026-03-01T10:05:00Z'],
    ['*/5 * * * *', '2026-03-01T10:02:03Z', '2026-03-01T10:05:00Z'],
    ['30 5-6,9 4 * * *', '2026-03-01T04:06:31Z', '2026-03-01T04:09:30Z'],
    ['0 30 9 * JAN mon', '2026-01-01T00:00:00Z', '2026-01-05T09:30:00Z'],
    ['0 30 9 * * Mon-Fri', '2026-01-03T00:00:00Z', '2026-01-05T09:30:00Z'],
    ['0 0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['5,8,10 * * * * *', '2026-01-01T00:00:05Z', '2026-01-01T00:00:08Z'],
    ['0 0 */2 * * *', '2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z'],
  ])('%s after %s is %s', (expression, from, expected) => {
    expect(next(expression, from)).toEqual([expected]);
  });

  it('takes only days that are both when day and weekday are restricted', () => {
    expect(next('0 0 0 13 * FRI', '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-02-13T00:00:00Z',
      '2026-03-13T00:00:00Z',
      '2026-11-13T00:00:00Z',
    ]);
    expect(next('0 0 0 1-7 * 1-5/2', '2026-06-01T00:00:00Z', 2)).toEqual([
      '2026-06-03T00:00:00Z',
      '2026-06-05T00:00:00Z',
    ]);
  });

  it('is in the time zone that is given', () => {
    expect(next('0 0 9 * * *', '2026-07-01T00:00:00Z', 1, 'Europe/Berlin')).toEqual(['2026-07-01T07:00:00Z']);
  });

  it('never comes on a day that does not exist', () => {
    expect(next('0 0 0 31 2 *', '2026-01-01T00:00:00Z')).toEqual([]);
  });

  it.each([
    ['* * * *', /has 4 fields/],
    ['0 0 0 1 1 * 2026', /has 7 fields/],
    ['@daily', /has 1 fields/],
    ['0 0 0 L * *', /'L' \(day\) is not understood/],
    ['0 0 0 ? * *', /'\?' \(day\)/],
    ['0 0 0 * * 7', /'7' \(day of week\)/],
    ['0 0 0 * * 5#2', /'5#2' \(day of week\)/],
    ['0 x * * * *', /'x' \(minute\)/],
  ])('refuses %s, which cron-parser or cron would take', (expression, message) => {
    expect(() => parseNcrontab(expression)).toThrow(message);
  });
});
