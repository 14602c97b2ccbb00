export interface StoreOptions {
  /** Folder of the embedded engine and of temporary files. */
  readonly dataDir: string;
  /** Damaged parts of the data folder are moved out of it, instead of refusing to open. */
  readonly acceptDamage?: boolean | undefined;
  /** The embedded engine takes statements of readers too (`Store.openReader`). */
  readonly readers?: boolean | undefined;
  /** Of a ClickHouse server, with user and password; the embedded engine when undefined. */
  readonly url?: string | undefined;
  readonly database: string;
  /** Name of the server's cluster: tables are then replicated and sharded over it. */
  readonly cluster?: string | undefined;
  /** Replicas of a shard that must have an insert before it counts as done: a number, or `auto` for the majority. */
  readonly insertQuorum?: string | undefined;
  /** A server that sends nothing for this long has not answered; 10 s when undefined. Statements that rewrite rows may take six times as long. */
  readonly requestTimeoutMs?: number | undefined;
  /** Requests to the server side by side; 10 when undefined. */
  readonly maxConnections?: number | undefined;
  /** Requests and replies are compressed (gzip). */
  readonly compress?: boolean | undefined;
}
