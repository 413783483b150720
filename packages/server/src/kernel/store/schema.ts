/** What the service as a whole remembers: its organisation, the id of its master key. */
export interface MetaTable {
  key: string;
  value: string;
}

/** Every table, as kysely sees it. Each module adds its own in its `schema.ts`. */
export interface Database {
  meta: MetaTable;
}
