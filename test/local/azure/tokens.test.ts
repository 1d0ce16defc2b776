import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenIssuer } from '../../../local/azure/identity/tokens';

const identity = { name: 'observe', clientId: 'client', objectId: 'object', assignments: [] };
const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
const issuer = createTokenIssuer(folder, 'tenant');
const HOUR_MS = 3_600_000;

afterEach(() => {
  jest.useRealTimers();
});

describe('local/azure/tokens: a token', () => {
  it('says who it is for and who asked', () => {
    const { token } = issuer.issue(identity, 'https://management.azure.com');
    expect(issuer.check(token)).toMatchObject({
      kind: 'valid',
      claims: { aud: 'https://management.azure.com', appid: 'client', oid: 'object' },
    });
  });

  it('expires after a day', () => {
    const { token } = issuer.issue(identity, 'a');
    jest.useFakeTimers({ now: Date.now() + 25 * HOUR_MS });
    expect(issuer.check(token).kind).toBe('expired');
  });

  it('is not valid before it was issued', () => {
    const { token } = issuer.issue(identity, 'a');
    jest.useFakeTimers({ now: Date.now() - HOUR_MS });
    expect(issuer.check(token).kind).toBe('invalid');
  });

  it('outlives a restart: the key is kept, for its owner only', () => {
    const { token } = issuer.issue(identity, 'a');
    expect(createTokenIssuer(folder, 'tenant').check(token).kind).toBe('valid');
    expect(statSync(join(folder, 'token-key.pem')).mode & 0o077).toBe(0);
  });

  it.each(['', 'x', 'x.y.z', '..'])('%p is none', (text) => {
    expect(issuer.check(text).kind).toBe('invalid');
  });
});
