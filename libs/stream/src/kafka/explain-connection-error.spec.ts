import { explainConnectionError } from './explain-connection-error.js';

const plain = { brokers: ['kafka:9092'], clientId: 'test' };
const login = { ...plain, sasl: { mechanism: 'plain', username: 'app', password: 'secret' } as const };

/** As kafkajs throws it: the reason in `cause`. */
const wrapped = (message: string, code?: string) =>
  new Error('KafkaJSNumberOfRetriesExceeded', { cause: Object.assign(new Error(message), { code }) });

describe('explainConnectionError', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.1:9092', 'ECONNREFUSED', 'kafka.brokers', true],
    ['getaddrinfo EAI_AGAIN kafka', 'EAI_AGAIN', 'kafka.brokers', true],
    ['Connection timeout', undefined, 'kafka.tls.enabled is false', true],
    ['Closed connection', undefined, 'kafka.sasl.mechanism', false],
    ['self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN', 'kafka.tls.caFile', false],
    ["Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID', 'kafka.brokers', false],
    ['certificate has expired', 'CERT_HAS_EXPIRED', 'renew it', false],
    ['tlsv13 alert certificate required', undefined, 'kafka.tls.certificateFile', false],
    ['SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown', undefined, 'kafka.tls.certificateFile', false],
    ['SSL routines:ssl3_read_bytes:sslv3 alert certificate expired', undefined, 'kafka.tls.certificateFile', false],
    ['wrong version number', 'EPROTO', 'kafka.tls.enabled', false],
    ['something nobody has seen', undefined, 'something nobody has seen', false],
  ])('finds what to change behind "%s"', (message, code, remedy, mayPass) => {
    const fault = explainConnectionError(wrapped(message, code), plain);
    expect(fault.sentence).toContain('kafka:9092');
    expect(fault.sentence).toContain(remedy);
    expect(fault.mayPass).toBe(mayPass);
  });

  it('names the user of a refused login, never the password', () => {
    const { sentence } = explainConnectionError(wrapped('SASL PLAIN authentication failed'), login);
    expect(sentence).toContain('"app"');
    expect(sentence).not.toContain('secret');
  });
});
