/**
 * The simulated Azure's own certificate authority and the server certificate that it signs. Clients trust it as they
 * would a company's: by NODE_EXTRA_CA_CERTS. The keys stay in the state folder, readable by their owner only.
 */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Where the files are. The leaf serves the simulated ARM and the local storage. */
export interface CertificateFiles {
  caFile: string;
  certificateFile: string;
  keyFile: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 60 * 60 * 1000;
/** Long enough for any use of a state folder, below the 825 days that some TLS stacks allow for a leaf. */
const VALID_DAYS = 730;

/**
 * The certificate files of a state folder; makes them where they are missing or near their end. Validity is by real
 * time, whatever the local clock says, because TLS stacks read the operating system's clock.
 */
export async function ensureCertificates(folder: string, realNow: number): Promise<CertificateFiles> {
  mkdirSync(folder, { recursive: true });
  const files: CertificateFiles = {
    caFile: join(folder, 'ca.pem'),
    certificateFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server-key.pem'),
  };
  if (!areUsable(files, realNow)) await makeCertificates(files, realNow);
  return files;
}

function areUsable(files: CertificateFiles, realNow: number): boolean {
  if (!Object.values(files).every((file: string) => existsSync(file))) return false;
  const leaf = new x509.X509Certificate(readFileSync(files.certificateFile, 'utf8'));
  return leaf.notAfter.getTime() > realNow + 30 * DAY_MS;
}

async function makeCertificates(files: CertificateFiles, realNow: number): Promise<void> {
  x509.cryptoProvider.set(webcrypto);
  const period = { notBefore: new Date(realNow - DAY_MS), notAfter: new Date(realNow + VALID_DAYS * DAY_MS) };
  const authorityKeys = await generateKeys();
  const authorityName = `CN=rdp-lifeline simulated Azure ${randomBytes(4).toString('hex')}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...period,
    name: authorityName,
    serialNumber: serialNumber(),
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const leafKeys = await generateKeys();
  const leaf = await x509.X509CertificateGenerator.create({
    ...period,
    subject: 'CN=localhost',
    issuer: authorityName,
    serialNumber: serialNumber(),
    publicKey: leafKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
  writeFileSync(files.keyFile, x509.PemConverter.encode(key, 'PRIVATE KEY'), { mode: 0o600 });
  writeFileSync(files.certificateFile, leaf.toString('pem'));
  // The authority's own key is used here once and never written down: nobody can sign another leaf with it.
  writeFileSync(files.caFile, authority.toString('pem'));
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`; // positive, at most 20 octets: RFC 5280 section 4.1.2.2
}
