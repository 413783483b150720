import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { detailsOf, titleOf, type Entry } from '../stores/inspector.js';
import { IconButton } from './icon.js';

/** One request or frame in full, without any token. */
export function InspectorDetails({ entry }: { readonly entry: Entry }) {
  const { inspector } = useApp();
  const [parts, setParts] = useState<readonly { readonly title: string; readonly text: string }[]>([]);
  useEffect(() => {
    let gone = false;
    detailsOf(entry).then(
      (found) => {
        if (!gone) setParts(found);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [entry]);
  return (
    <section class="details" aria-label="Details" data-testid="details">
      <header class="details-head">
        <strong>{titleOf(entry)}</strong>
        <IconButton
          icon="close"
          label="Close the details"
          onClick={() => (inspector.selectedId.value = undefined)}
        />
      </header>
      <div class="details-body" tabIndex={0}>
        {parts.map(({ title, text }) => (
          <div key={title}>
            <h3>{title}</h3>
            <pre>{text}</pre>
          </div>
        ))}
      </div>
    </section>
  );
}
