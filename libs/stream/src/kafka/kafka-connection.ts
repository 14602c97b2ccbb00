/** How to reach the brokers. */
export interface KafkaConnection {
  /** Some of the brokers, as host:port; they name the others. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Speak TLS when given. All are PEM texts; an authority is needed where the brokers' one is not public. */
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string };
  /** Log in when given. */
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}
