import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Draft } from '../stores/drafts.js';
import { Icon } from './icon.js';

/** Files dropped anywhere on a room go with its next message. */
export function DropZone(props: {
  readonly title: string;
  readonly draft: Draft;
  readonly children: ComponentChildren;
}) {
  const { title, draft } = props;
  const depth = useRef(0); // entering a child comes before leaving its parent
  const [over, setOver] = useState(false);
  const count = (by: number): void => {
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  return (
    <main
      class="room"
      aria-label={title}
      data-testid="drop-zone"
      onDragEnter={(event) => {
        if (hasFiles(event)) count(1);
      }}
      onDragLeave={(event) => {
        if (hasFiles(event)) count(-1);
      }}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        count(-depth.current);
        draft.attach(event.dataTransfer?.files);
      }}
    >
      {props.children}
      {over && (
        <div class="drop-note" data-testid="drop-note">
          <Icon name="file" size={36} />
          <strong>Drop to send to {title}</strong>
          <span class="quiet">Encrypted here, before anything leaves</span>
        </div>
      )}
    </main>
  );
}
