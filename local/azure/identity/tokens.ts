/**
 * Access tokens: JWTs signed with a key of this simulation, with the claims that ARM and Azurite look at. Claims:
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (version 1.0 tokens).
 */
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomUUID,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../access';

/** A managed identity's token lives about a day. https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations#limitation-of-using-managed-identities-for-authorization */
const LIFETIME_SECONDS = 24 * 60 * 60;
const SKEW_SECONDS = 5 * 60;

/** What a valid token says. Times in seconds since the Unix epoch. */
interface TokenClaims {
  aud: string;
  iss: string;
  appid: string;
  oid: string;
  nbf: number;
  exp: number;
}

type TokenCheck =
  { kind: 'valid'; claims: TokenClaims } | { kind: 'invalid' } | { kind: 'expired'; claims: TokenClaims };

export interface TokenIssuer {
  issue: (identity: Identity, audience: string) => { token: string; expiresOn: number };
  /** Checks signature, issuer and times; the audience is the reader's to check. */
  check: (token: string) => TokenCheck;
}

/** Issuer with the state folder's key; makes the key at first use. */
export function createTokenIssuer(stateFolder: string, tenantId: string): TokenIssuer {
  const keyFile = join(stateFolder, 'token-key.pem');
  if (!existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const privateKey = createPrivateKey(readFileSync(keyFile));
  const publicKey = createPublicKey(privateKey);
  // Azurite accepts issuers that begin like this: node_modules/azurite/dist/src/common/utils/constants.js.
  const issuer = `https://sts.windows.net/${tenantId}/`;
  /** Those whose signature was found to be ours: there are a few, and each comes with hundreds of calls. */
  const signed = new Set<string>();
  return {
    issue(identity, audience) {
      const now = Math.floor(Date.now() / 1000);
      const expiresOn = now + LIFETIME_SECONDS;
      const claims = {
        aud: audience,
        iss: issuer,
        iat: now,
        nbf: now - SKEW_SECONDS,
        exp: expiresOn,
        appid: identity.clientId,
        appidacr: '2',
        idtyp: 'app',
        oid: identity.objectId,
        sub: identity.objectId,
        tid: tenantId,
        uti: randomUUID(),
        ver: '1.0',
      };
      const content = `${encode({ typ: 'JWT', alg: 'RS256' })}.${encode(claims)}`;
      const signature = createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url');
      return { token: `${content}.${signature}`, expiresOn };
    },
    check(token) {
      const [header = '', payload = '', signature = ''] = token.split('.');
      if (!signed.has(token)) {
        const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
        if (!verifier.verify(publicKey, signature, 'base64url')) return { kind: 'invalid' };
        signed.add(token);
      }
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as TokenClaims;
      const now = Date.now() / 1000;
      if (claims.iss !== issuer || now < claims.nbf - SKEW_SECONDS) return { kind: 'invalid' };
      return now > claims.exp + SKEW_SECONDS ? { kind: 'expired', claims } : { kind: 'valid', claims };
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
