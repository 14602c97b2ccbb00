import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KafkaCertificates {
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca: string;
  /** Private key, certificate and authority in one PEM file, as a broker's key store takes it. */
  readonly keyStoreFile: string;
}

/** Makes an authority and a certificate of 127.0.0.1 and localhost that it signed, valid for two days. Needs openssl. */
export async function makeKafkaCertificates(dir: string): Promise<KafkaCertificates> {
  const path = (name: string) => join(dir, name);
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl(
    ...['req', '-x509', ...key, '-days', '2', '-subj', '/CN=Plumbline test authority'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-keyout', path('ca.key'), '-out', path('ca.pem')],
  );
  await openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', path('broker.key'), '-out', path('broker.csr'));
  await writeFile(path('broker.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await openssl(
    ...['x509', '-req', '-in', path('broker.csr'), '-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial'],
    ...['-days', '2', '-extfile', path('broker.ext'), '-out', path('broker.pem')],
  );
  const [privateKey, certificate, ca] = await Promise.all(
    ['broker.key', 'broker.pem', 'ca.pem'].map((name) => readFile(path(name), 'utf8')),
  );
  await writeFile(path('keystore.pem'), `${privateKey}${certificate}${ca}`);
  return { ca: ca!, keyStoreFile: path('keystore.pem') };
}
