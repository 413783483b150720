import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sheet } from '../stores/ui.js';
import { IconButton } from './icon.js';

const close = (): void => {
  sheet.value = undefined;
};

/** A sheet over the page. The browser's own dialog: it keeps the focus in, and gives it back. */
export function Dialog(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  const { title, children } = props;
  const place = useRef<HTMLDialogElement>(null);
  const gone = useRef(false); // the close event comes late, when another sheet may be open
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      gone.current = true;
      dialog?.close(); // gives the focus back
    };
  }, []);
  return (
    <dialog
      ref={place}
      class={`sheet ${props.class ?? ''}`}
      aria-label={title}
      onClose={() => {
        if (!gone.current) close();
      }}
      onCancel={close}
      onClick={(event) => {
        if (event.target === place.current) close(); // beside the sheet
      }}
    >
      <div class="sheet-inside">
        <header class="sheet-head">
          <h2>{title}</h2>
          <IconButton icon="close" label="Close" onClick={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
