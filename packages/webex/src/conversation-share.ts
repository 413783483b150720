import { refuses } from './not-supported.js';
import { Events } from './events.js';
import { moreWords, type Message, type Ref } from './conversation-refs.js';
import { named } from './files.js';
import type { ActivityContent } from '@trunkline/wire';

type Said = Exclude<Message, string>;

/** Files to be shared: `add` them, say something, hand it to `share`. Emits `progress`: `{ loaded, total }`. */
export class ShareActivity extends Events {
  clientTempId?: string;
  /** words that go with the files: `displayName`, `content`, `mentions`, … */
  object: Said & { readonly objectType?: string } = {};
  /** what it answers to */
  parent?: { readonly id: string; readonly type?: string };
  /** the same by its id */
  parentActivityId?: string;
  /** what `parentActivityId` makes of it */
  activityType?: string;
  private files: unknown[] = [];
  constructor(readonly conversation: Ref) {
    super();
  }
  get displayName(): string | undefined {
    return this.object.displayName;
  }
  set displayName(displayName: string | undefined) {
    this.object = { ...this.object, ...(displayName !== undefined && { displayName }) };
  }
  get content(): string | undefined {
    return this.object.content;
  }
  set content(content: string | undefined) {
    this.object = { ...this.object, ...(content !== undefined && { content }) };
  }
  /** Takes a file in. It is encrypted and sent by `share`, with the others. */
  add(file: unknown): Promise<void> {
    if (!this.files.includes(file)) this.files.push(file);
    return Promise.resolve();
  }
  remove(file: unknown): Promise<void> {
    this.files = this.files.filter((each) => each !== file);
    return Promise.resolve();
  }
  getFiles(): readonly unknown[] {
    return this.files;
  }
  readonly addGif = refuses('ShareActivity.addGif()', 'download the picture and add() it');
  readonly prepare = refuses('ShareActivity.prepare()', 'give it to share()');
}

/** What `share` takes: an activity of files, one file, or several. */
export function partsOf(what: unknown): {
  readonly files: ReturnType<typeof named>[];
  readonly words: Partial<ActivityContent>;
  readonly parentId?: string;
  readonly clientTempId?: string;
  readonly activity?: ShareActivity;
} {
  if (Array.isArray(what)) return { files: what.map(named), words: {} };
  if (!(what instanceof ShareActivity)) {
    // a plain object of that shape; bytes and Blobs have neither
    const {
      object = {},
      displayName,
      files = object.files,
    } = (what ?? {}) as Partial<Said> & {
      readonly object?: Said & { readonly files?: unknown };
      readonly files?: unknown;
    };
    const words = moreWords({ ...(displayName !== undefined && { displayName }), ...object });
    return Array.isArray(files) ? { files: files.map(named), words } : { files: [named(what)], words: {} };
  }
  const { object, parent, parentActivityId = parent?.id, clientTempId } = what;
  return {
    files: what.getFiles().map(named),
    words: moreWords(object),
    activity: what,
    ...(parentActivityId !== undefined && { parentId: parentActivityId }),
    ...(clientTempId !== undefined && { clientTempId }),
  };
}
