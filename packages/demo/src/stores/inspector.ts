import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { readableBody } from '../lib/redact.js';
import type { DemoClient } from '../session/client.js';
import type { SeenRequest } from '../session/watch-requests.js';

export interface RequestEntry extends SeenRequest {
  readonly kind: 'request';
  readonly id: number;
}
export interface FrameEntry {
  readonly kind: 'frame';
  readonly id: number;
  readonly at: number;
  readonly type: string;
  readonly bytes: number;
  /** as it came, before anything was decrypted */
  readonly text: string;
}
export type Entry = RequestEntry | FrameEntry;
export type Show = 'all' | 'requests' | 'frames';

/** What passes between this page and the service. */
export interface Inspector {
  readonly isOpen: Signal<boolean>;
  readonly paused: Signal<boolean>;
  readonly filter: Signal<string>;
  readonly show: Signal<Show>;
  readonly selectedId: Signal<number | undefined>;
  readonly shown: ReadonlySignal<readonly Entry[]>;
  readonly total: ReadonlySignal<number>;
  readonly onRequest: (seen: SeenRequest) => void;
  watch(client: DemoClient): void;
  readonly clear: () => void;
}

const most = 400;
/** One line that says what it is. */
export const titleOf = (entry: Entry): string =>
  entry.kind === 'frame' ? entry.type : `${entry.method} ${entry.path}`;

export function createInspector(): Inspector {
  const entries = signal<readonly Entry[]>([]);
  const paused = signal(false);
  const filter = signal('');
  const show = signal<Show>('all');
  const selectedId = signal<number | undefined>(undefined);
  let lastId = 0;
  const add = (entry: Entry): void => {
    if (!paused.peek()) entries.value = [...entries.peek().slice(1 - most), entry];
  };
  const shown = computed(() => {
    const wanted = filter.value.trim().toLowerCase();
    return entries.value.filter(
      (entry) =>
        (show.value === 'all' || show.value === `${entry.kind}s`) &&
        (wanted === '' || searchTextOf(entry).includes(wanted)),
    );
  });
  return {
    ...{ isOpen: signal(false), paused, filter, show, selectedId, shown },
    total: computed(() => entries.value.length),
    onRequest: (seen) => {
      add({ ...seen, kind: 'request', id: (lastId += 1) });
    },
    watch(client) {
      client.onAny(({ source, type, event }) => {
        if (source !== 'wire' || paused.peek()) return;
        const text = JSON.stringify(event); // at once: content is decrypted in place later
        const bytes = new TextEncoder().encode(text).length;
        add({ kind: 'frame', id: (lastId += 1), at: Date.now(), type, bytes, text });
      });
    },
    clear() {
      entries.value = [];
      selectedId.value = undefined;
    },
  };
}

const searchTextOf = (entry: Entry): string =>
  `${titleOf(entry)} ${entry.kind === 'frame' ? entry.text : `${String(entry.status ?? '')} ${entry.requestBody ?? ''}`}`.toLowerCase();

/** The parts of an entry as text, without any token. */
export async function detailsOf(
  entry: Entry,
): Promise<readonly { readonly title: string; readonly text: string }[]> {
  if (entry.kind === 'frame') return [{ title: 'Frame', text: readableBody(entry.text) }];
  const answer = await entry.answerBody?.();
  const headers = JSON.stringify(entry.requestHeaders, undefined, 2);
  return [
    ...(entry.requestBody === undefined ? [] : [{ title: 'Sent', text: readableBody(entry.requestBody) }]),
    ...(answer ? [{ title: 'Answer', text: readableBody(answer) }] : []),
    ...(entry.error === undefined ? [] : [{ title: 'No answer', text: entry.error }]),
    { title: 'Headers', text: headers },
  ];
}
