import { useEffect, useRef } from 'preact/hooks';
import { lightbox } from '../stores/ui.js';
import { Icon, IconButton } from './icon.js';

const close = (): void => {
  lightbox.value = undefined;
};

/** One picture, as large as the window. Escape or a click beside it closes. */
export function Lightbox() {
  const shown = lightbox.value;
  return shown === undefined ? null : <Open {...shown} />;
}

function Open({ name, url }: { readonly name: string; readonly url: string }) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={place}
      class="lightbox"
      aria-label={name}
      data-testid="lightbox"
      onClose={close}
      onClick={(event) => {
        if (!(event.target instanceof HTMLImageElement)) close();
      }}
    >
      <header>
        <strong>{name}</strong>
        <a class="button small" href={url} download={name}>
          <Icon name="down" size={16} /> Download
        </a>
        <IconButton icon="close" label="Close" keys="Esc" onClick={close} />
      </header>
      <img src={url} alt={name} />
    </dialog>
  );
}
