export interface StoreOptions {
  /** Folder of the embedded engine and of temporary files. */
  readonly dataDir: string;
  /** Of a ClickHouse server; the embedded engine when undefined. */
  readonly url?: string | undefined;
  readonly database: string;
}
