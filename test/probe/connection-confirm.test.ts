import fc from 'fast-check';
import { connectionRequest, longestConfirm, readConfirm } from '../../src/probe/connection-confirm';

const negotiated = Uint8Array.from(Buffer.from('030000130ed000001234000209080002000000', 'hex'));
const refusedNegotiation = Uint8Array.from(Buffer.from('030000130ed000001234000300080005000000', 'hex'));
const plain = Uint8Array.from(Buffer.from('0300000b06d00000123400', 'hex'));

describe('probe/connection-confirm', () => {
  it('asks as [MS-RDPBCGR] 4.1.1 does, but for the cookie and with CredSSP', () => {
    expect(Buffer.from(connectionRequest).toString('hex')).toBe('030000130ee000000000000100080003000000');
  });

  it.each([
    ['with a protocol chosen', negotiated],
    ['with a protocol refused: it is Remote Desktop all the same', refusedNegotiation],
    ['of an old server, without negotiation', plain],
  ])('knows a confirm %s', (_what, bytes) => {
    expect(readConfirm(bytes)).toBe('confirm');
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readConfirm(bytes.subarray(0, length))).toBe('too-few');
    }
  });

  it.each([
    ['an SSH server', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['its own request', connectionRequest],
    ['a length that is too long', Buffer.from('0300ffff0ed000001234000209080002000000', 'hex')],
    ['a length that is too short', Buffer.from('030000040ed000001234000209080002000000', 'hex')],
    ['an indicator that does not fit', Buffer.from('0300001306d000001234000209080002000000', 'hex')],
  ])('takes %s for something else', (_what, bytes) => {
    expect(readConfirm(Uint8Array.from(bytes))).toBe('something-else');
  });

  it('decides on any bytes, and never waits for more once it has as many as it looks at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: longestConfirm, maxLength: longestConfirm }), (bytes) => {
        expect(readConfirm(bytes)).not.toBe('too-few');
      }),
    );
  });
});
