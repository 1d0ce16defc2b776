import fc from 'fast-check';
import { parseScFailure, parseScQuery, type ServiceStatus } from '../../src/windows/sc-query';
import { asPrinted, printings, transcript } from '../support/transcript';
import { hostileOutputs, huge } from './support/hostile';

describe('windows/sc-query', () => {
  it.each([
    ['sc-query-running-en', { type: 0x30, state: 4, win32ExitCode: 0 }],
    ['sc-query-stopped-en', { type: 0x20, state: 1, win32ExitCode: 1077 }],
    ['sc-query-running-de', { type: 0x30, state: 4, win32ExitCode: 0 }],
    ['sc-query-stopped-fr', { type: 0x20, state: 1, win32ExitCode: 1077 }],
  ])('reads %s by numbers, in any language and with any line end', (name, value) => {
    const text = transcript(name);
    expect(parseScQuery(text)).toEqual({ ok: true, value });
    for (const printed of printings(text)) expect(parseScQuery(printed)).toEqual({ ok: true, value });
  });

  it('reads a type in hexadecimal that begins with a letter', () => {
    const text = transcript('sc-query-running-en').replace('30  WIN32', 'e0  USER_SHARE_PROCESS');
    expect(parseScQuery(text)).toMatchObject({ ok: true, value: { type: 0xe0 } });
  });

  it('reads the answer of sc queryex, which adds the process id', () => {
    const text = `${transcript('sc-query-running-en')}        PID                : 1204\n        FLAGS              : \n`;
    expect(parseScQuery(text)).toMatchObject({ ok: true, value: { state: 4 } });
  });

  it('refuses output that is cut before the exit code', () => {
    const text = transcript('sc-query-running-en');
    const cut = text.slice(0, text.indexOf('        WIN32_EXIT_CODE'));
    expect(parseScQuery(cut)).toEqual({ ok: false, reason: 'the rows of type, state and exit code are not there' });
  });

  it('refuses the status of two services, so that nobody can put a forged one first', () => {
    const forged = transcript('sc-query-running-en') + transcript('sc-query-stopped-en');
    expect(parseScQuery(forged)).toEqual({ ok: false, reason: 'there are more rows than one service has' });
  });

  it.each(['0', '8', '44', '4294967296', '0x4', 'ff'])('refuses the state %s', (state) => {
    const text = transcript('sc-query-running-en').replace(': 4  RUNNING', `: ${state}  RUNNING`);
    expect(parseScQuery(text)).toEqual({ ok: false, reason: 'the state is no number from 1 to 7' });
  });

  it('refuses an exit code that is no decimal number', () => {
    const text = transcript('sc-query-stopped-en').replace(': 1077  (0x435)', ': 0x435 (1077)');
    expect(parseScQuery(text)).toEqual({ ok: false, reason: 'the exit code is no number' });
  });

  it('reads an exit code of ten digits, as a failed HRESULT has', () => {
    const text = transcript('sc-query-stopped-en').replace(': 1077  (0x435)', ': 2147942405  (0x80070005)');
    expect(parseScQuery(text)).toMatchObject({ ok: true, value: { win32ExitCode: 2_147_942_405 } });
  });

  it.each(hostileOutputs)('refuses hostile output %j', (text) => {
    expect(parseScQuery(text)).toMatchObject({ ok: false });
  });

  it.each([' ', ' :', '  a', '  a: ', '        TYPE : 20 '])('gets through megabytes of %j in one line', (text) => {
    expect(parseScQuery(huge(text))).toMatchObject({ ok: false });
  });

  it('finds the status behind megabytes of rubbish in one line', () => {
    const text = `${huge('#')}\r\n${asPrinted(transcript('sc-query-running-en'))}`;
    expect(parseScQuery(text)).toMatchObject({ ok: true, value: { state: 4 } });
  });

  it('reads what was rendered, whatever the labels', () => {
    fc.assert(
      fc.property(
        status,
        fc.stringMatching(/^[A-Z\u00c0-\u00de_]{1,18}$/),
        fc.constantFrom('\n', '\r\n'),
        (...given) => {
          const [value, label, lineEnd] = given;
          expect(parseScQuery(render(value, label).join(lineEnd))).toEqual({ ok: true, value });
        },
      ),
    );
  });

  it('never throws, and a state is always from 1 to 7', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        const answer = parseScQuery(text);
        expect(answer.ok ? answer.value.state : 1).toBeGreaterThanOrEqual(1);
        expect(answer.ok ? answer.value.state : 7).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe('windows/sc-query: failures', () => {
  it('reads the Windows error after FAILED', () => {
    expect(parseScFailure('[SC] StartService FAILED 1058:\r\n\r\nThe service cannot be started.\r\n')).toBe(1058);
  });

  it('gives nothing where the word is translated: the exit code says it', () => {
    expect(parseScFailure(transcript('sc-query-unknown-service-de'))).toBeUndefined();
  });

  it.each(['FAILED :', 'FAILED 12345678901:', 'FAILED 5', huge('FAILED 1 ')])(
    'gives nothing without a number',
    (text) => {
      expect(parseScFailure(text)).toBeUndefined();
    },
  );
});

const status: fc.Arbitrary<ServiceStatus> = fc.record({
  type: fc.integer({ min: 0, max: 0xffff_ffff }),
  state: fc.integer({ min: 1, max: 7 }),
  win32ExitCode: fc.integer({ min: 0, max: 0xffff_ffff }),
});

function render({ type, state, win32ExitCode }: ServiceStatus, label: string): string[] {
  const row = (value: string) => `        ${label.padEnd(19)}: ${value}`;
  return [
    '',
    'SERVICE_NAME: Dhcp ',
    row(`${type.toString(16)}  WIN32_SHARE_PROCESS  `),
    row(`${state}  SOMETHING `),
    '                                (STOPPABLE, NOT_PAUSABLE)',
    row(`${win32ExitCode}  (0x${win32ExitCode.toString(16)})`),
    row('0  (0x0)'),
    row('0x0'),
    row('0x0'),
    '',
  ];
}
