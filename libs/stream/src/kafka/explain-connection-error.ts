import type { KafkaConnection } from './kafka-connection.js';

export interface ConnectionFault {
  /** What is wrong and what to change, in one or two sentences. */
  readonly sentence: string;
  /** True when waiting may help: the broker may be about to start. */
  readonly mayPass: boolean;
}

/** What stands behind an error of kafkajs, which hides reasons in `cause` and calls refusals of every kind "closed". */
export function explainConnectionError(error: unknown, connection: KafkaConnection): ConnectionFault {
  const text = chainOf(error).join(' <- ');
  const where = connection.brokers.join(', ');
  const fault = (sentence: string, mayPass = false): ConnectionFault => ({ sentence, mayPass });

  if (/unsupported.*mechanism|mechanism.*(not |un)supported|UNSUPPORTED_SASL_MECHANISM/i.test(text)) {
    return fault(
      `the Kafka broker at ${where} does not offer the login ${connection.sasl?.mechanism}: set kafka.sasl.mechanism to one that it lists in sasl.enabled.mechanisms`,
    );
  }
  if (/SASL|authentication/i.test(text)) {
    return fault(
      `the Kafka broker at ${where} refuses the login of user "${connection.sasl?.username}" by ${connection.sasl?.mechanism}: check kafka.sasl.username, kafka.sasl.password and kafka.sasl.mechanism`,
    );
  }
  if (/self[- ]signed|unable to (get|verify)|UNABLE_TO|local issuer/i.test(text)) {
    return fault(
      `the certificate of the Kafka broker at ${where} is signed by an authority that is not trusted: set kafka.tls.caFile to the PEM file of that authority (${text})`,
    );
  }
  if (/altname|Hostname\/IP/i.test(text)) {
    return fault(
      `the certificate of the Kafka broker at ${where} was made for another name: put the name that the certificate holds into kafka.brokers (${text})`,
    );
  }
  if (/CERT_HAS_EXPIRED|certificate has expired|not yet valid/i.test(text)) {
    return fault(
      `the certificate of the Kafka broker at ${where} is not valid now: renew it, or check the clock (${text})`,
    );
  }
  if (/certificate required|bad certificate|unknown ca|alert (unsupported )?certificate/i.test(text)) {
    return fault(
      `the Kafka broker at ${where} asks for a certificate that it trusts: set kafka.tls.certificateFile and kafka.tls.keyFile (${text})`,
    );
  }
  if (/wrong version number|packet length too long|EPROTO|SSL routines|before secure TLS/i.test(text)) {
    return fault(
      `the listener of the Kafka broker at ${where} does not speak TLS: set kafka.tls.enabled to false, or use the address of its TLS listener (${text})`,
    );
  }
  if (/ECONNREFUSED/.test(text)) {
    return fault(`no Kafka broker listens at ${where}: check kafka.brokers, and that the broker runs`, true);
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) {
    return fault(`the name of the Kafka broker at ${where} cannot be resolved: check kafka.brokers`, true);
  }
  if (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|timeout|timed out/i.test(text)) {
    return fault(
      `the Kafka broker at ${where} does not answer: check kafka.brokers, the network in between, and whether that listener wants TLS while kafka.tls.enabled is ${connection.tls !== undefined} (${text})`,
      true,
    );
  }
  if (/closed|ECONNRESET|disconnected/i.test(text)) {
    return fault(
      connection.tls || connection.sasl
        ? `the Kafka broker at ${where} closes the connection: its listener asks for another protocol than kafka.tls.enabled (${connection.tls !== undefined}) and kafka.sasl.mechanism (${connection.sasl?.mechanism ?? 'none'}) say (${text})`
        : `the Kafka broker at ${where} closes the connection: its listener asks for a login or for TLS. Set kafka.sasl.mechanism, kafka.sasl.username and kafka.sasl.password, and kafka.tls.enabled if it speaks TLS (${text})`,
    );
  }
  return fault(`the Kafka broker at ${where} cannot be used: ${text}`);
}

/** Names and messages of an error and of what caused it, outermost first. */
export function chainOf(error: unknown): string[] {
  const chain: string[] = [];
  for (let current = error as Partial<NodeJS.ErrnoException> | undefined; current?.message !== undefined;) {
    const { name, code, message } = current;
    const part = `${name}${typeof code === 'string' ? ` ${code}` : ''}: ${message}`;
    if (chain.at(-1) !== part) chain.push(part);
    current = chain.length < 8 ? (current.cause as Partial<Error> | undefined) : undefined;
  }
  return chain.length > 0 ? chain : [String(error)];
}
