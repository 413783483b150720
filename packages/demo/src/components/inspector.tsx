import { useEffect, useRef } from 'preact/hooks';
import { shortPath } from '../lib/redact.js';
import { sizeOf } from '../lib/text.js';
import { exactClock } from '../lib/time.js';
import { useApp } from '../session/app-context.js';
import { titleOf, type Entry, type Show } from '../stores/inspector.js';
import { IconButton } from './icon.js';
import { InspectorDetails } from './inspector-details.js';

const kinds: readonly Show[] = ['all', 'requests', 'frames'];

/** What passes between this page and the service, as it passes. */
export function Inspector() {
  const { inspector } = useApp();
  const { paused, filter, show, selectedId, shown, total } = inspector;
  const entries = shown.value;
  const selected = entries.find(({ id }) => id === selectedId.value);
  const list = useRef<HTMLUListElement>(null);
  const newestId = entries.at(-1)?.id;
  useEffect(() => {
    const box = list.current;
    if (box && selectedId.peek() === undefined) box.scrollTop = box.scrollHeight;
  }, [newestId, selectedId]);
  return (
    <aside class="inspector" aria-label="Inspector" data-testid="inspector">
      <header class="inspector-head">
        <h2>Inspector</h2>
        <span class="quiet">
          {entries.length === total.value
            ? total.value
            : `${String(entries.length)} of ${String(total.value)}`}
        </span>
        <span class="spring" />
        <IconButton
          icon={paused.value ? 'play' : 'pause'}
          label={paused.value ? 'Go on' : 'Pause'}
          pressed={paused.value}
          onClick={() => (paused.value = !paused.value)}
        />
        <IconButton icon="remove" label="Clear" onClick={inspector.clear} />
        <IconButton
          icon="close"
          label="Close the inspector"
          onClick={() => (inspector.isOpen.value = false)}
        />
      </header>
      <div class="inspector-tools">
        <input
          type="search"
          placeholder="Filter"
          aria-label="Filter"
          value={filter.value}
          onInput={(event) => (filter.value = event.currentTarget.value)}
        />
        <div class="switch" role="group" aria-label="What is shown">
          {kinds.map((kind) => (
            <button
              key={kind}
              type="button"
              aria-pressed={show.value === kind}
              onClick={() => (show.value = kind)}
            >
              {kind}
            </button>
          ))}
        </div>
      </div>
      {entries.length === 0 ? (
        <p class="empty-note quiet">
          {paused.value ? 'Paused: nothing is noted.' : 'Nothing passed yet. Write something.'}
        </p>
      ) : (
        <ul class="entries" ref={list}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <Line
                entry={entry}
                chosen={entry === selected}
                choose={() => (selectedId.value = entry === selected ? undefined : entry.id)}
              />
            </li>
          ))}
        </ul>
      )}
      {selected && <InspectorDetails entry={selected} />}
    </aside>
  );
}

function Line({ entry, chosen, choose }: { entry: Entry; chosen: boolean; choose: () => void }) {
  return (
    <button
      type="button"
      class={`entry ${chosen ? 'chosen' : ''}`}
      aria-expanded={chosen}
      onClick={choose}
      title={titleOf(entry)}
    >
      <time>{exactClock(entry.at)}</time>
      {entry.kind === 'frame' ? (
        <>
          <span class="verb frame">FRAME</span>
          <span class="entry-title">
            <bdi>{entry.type}</bdi>
          </span>
          <span class="entry-end">{sizeOf(entry.bytes)}</span>
        </>
      ) : (
        <>
          <span class="verb">{entry.method}</span>
          <span class="entry-title">
            <bdi>{shortPath(entry.path)}</bdi>
          </span>
          <span class={`entry-end ${isGood(entry.status) ? '' : 'bad'}`}>
            {entry.status ?? 'failed'} · {Math.round(entry.ms)} ms
          </span>
        </>
      )}
    </button>
  );
}

const isGood = (status: number | undefined): boolean => status !== undefined && status < 400;
