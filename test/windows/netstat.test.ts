import fc from 'fast-check';
import { parseListeners, type Listener } from '../../src/windows/netstat';
import { printings, transcript } from '../support/transcript';
import { hostileOutputs, huge } from './support/hostile';

describe('windows/netstat', () => {
  it.each([
    ['netstat-en', [135, 3389]],
    ['netstat-de', [135, 3389]],
    ['netstat-fr', [135]],
  ])('tells the listeners of %s by the foreign port, in any language and with any line end', (name, ports) => {
    const text = transcript(name);
    expect(portsOf(text)).toEqual(ports);
    for (const printed of printings(text)) expect(portsOf(printed)).toEqual(ports);
  });

  it('gives address, port and process of a listener', () => {
    const answer = parseListeners(transcript('netstat-en'));
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ok && answer.value[1]).toEqual({ address: '0.0.0.0', port: 3389, processId: 1076 });
  });

  it('does not take a connection to another machine’s port 3389 for a listener', () => {
    const row = '  TCP    10.0.0.4:3389          203.0.113.9:51811      LISTENING       1076';
    expect(parseListeners(row)).toEqual({ ok: true, value: [] });
  });

  it('reads version 6 addresses', () => {
    expect(parseListeners('  TCP    [::]:3389   [::]:0   LISTENING   1076')).toEqual({
      ok: true,
      value: [{ address: '[::]', port: 3389, processId: 1076 }],
    });
  });

  it('refuses output without any TCP row: silence is not "nothing listens"', () => {
    expect(parseListeners('\r\nActive Connections\r\n')).toEqual({ ok: false, reason: 'there is no TCP row' });
  });

  it.each([
    '  TCP    0.0.0.0:3389   0.0.0.0:0',
    '  TCP    0.0.0.0:3389   0.0.0.0:0   LISTENING',
    '  TCP    0.0.0.0:3389   0.0.0.0:0   LISTENING   pid',
    '  TCP    0.0.0.0        0.0.0.0:0   LISTENING   1076',
    '  TCP    0.0.0.0:333389 0.0.0.0:0   LISTENING   1076',
    '  TCP    0.0.0.0:65536  0.0.0.0:0   LISTENING   1076',
    '  UDP    0.0.0.0:3389   *:*                     1076',
    '  <b>TCP</b>    0.0.0.0:3389   0.0.0.0:0   LISTENING   1076',
  ])('passes over the cut or forged row %j', (row) => {
    expect(parseListeners(row)).toMatchObject({ ok: false });
  });

  it('takes a row that is there twice as it is', () => {
    const row = '  TCP    0.0.0.0:3389   0.0.0.0:0   LISTENING   1076';
    expect(portsOf(`${row}\r\n${row}`)).toEqual([3389, 3389]);
  });

  it.each(hostileOutputs)('refuses hostile output %j', (text) => {
    expect(parseListeners(text)).toMatchObject({ ok: false });
  });

  it.each([' ', 'TCP ', 'TCP a:1 ', ':1', 'a'])('gets through megabytes of %j in one line', (text) => {
    expect(parseListeners(huge(text))).toMatchObject({ ok: false });
  });

  it('reads what was rendered', () => {
    fc.assert(
      fc.property(fc.array(listener, { minLength: 1, maxLength: 10 }), fc.constantFrom('\n', '\r\n'), (given, end) => {
        const rows = given.map(
          ({ address, port, processId }) => `  TCP    ${address}:${port}    0.0.0.0:0    WORD    ${processId}`,
        );
        expect(parseListeners(rows.join(end))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it('never throws, and a port is always one', () => {
    const pieces = fc.constantFrom('TCP', ' ', '0.0.0.0', ':', '0', '3389', '99999', '\n', '\0', 'é');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (given) => {
        const answer = parseListeners(given.join(''));
        const ports = answer.ok ? answer.value.map(({ port }) => port) : [];
        expect(ports.filter((port) => port > 65_535)).toEqual([]);
      }),
    );
  });
});

function portsOf(text: string): number[] {
  const answer = parseListeners(text);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.map(({ port }) => port);
}

const listener: fc.Arbitrary<Listener> = fc.record({
  address: fc.constantFrom('0.0.0.0', '127.0.0.1', '10.0.0.4', '[::]', '[fe80::1%5]'),
  port: fc.integer({ min: 0, max: 65_535 }),
  processId: fc.integer({ min: 0, max: 4_294_967_295 }),
});
