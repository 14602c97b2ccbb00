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
  /** PEM of the authority alone, as a broker's trust store takes it. */
  readonly trustStoreFile: string;
  /** PEM of a certificate that the authority made for a client, and of its private key. */
  readonly client: ClientCertificate;
  /** The same from an authority that nobody trusts. */
  readonly strangeClient: ClientCertificate;
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Makes an authority and what it signed: a certificate of 127.0.0.1 and localhost, and one of a client. All are valid for two days.
 * Needs openssl.
 */
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
  const clientOf = async (name: string, signedBy: readonly string[]): Promise<ClientCertificate> => {
    const subject = ['-subj', `/CN=${name}`];
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.csr`)];
    await openssl('req', ...key, ...subject, ...files);
    await openssl('x509', '-req', '-in', path(`${name}.csr`), ...signedBy, '-days', '2', '-out', path(`${name}.pem`));
    const [clientKey, clientCertificate] = await Promise.all(
      [`${name}.key`, `${name}.pem`].map((file) => readFile(path(file), 'utf8')),
    );
    return { certificate: clientCertificate!, key: clientKey! };
  };
  return {
    ca: ca!,
    keyStoreFile: path('keystore.pem'),
    trustStoreFile: path('ca.pem'),
    client: await clientOf('client', ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial']),
    // Signed by itself.
    strangeClient: await clientOf('stranger', ['-signkey', path('stranger.key')]),
  };
}
