// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
/** Toggles that a person's clients set. */
export interface FeaturesTable {
  user_id: string;
  kind: 'developer' | 'user';
  key: string;
  val: string;
  modified_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    features: FeaturesTable;
  }
}
