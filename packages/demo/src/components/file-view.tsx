import { sizeOf } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import { attempt } from '../stores/toasts.js';
import { lightbox } from '../stores/ui.js';
import { Icon } from './icon.js';

/** A file of a message: an image as it is, everything else to download. */
export function FileView({ url }: { readonly url: string }) {
  const { files } = useApp();
  const file = files.look(url).value;
  if (file === undefined) return <div class="file skeleton" aria-busy="true" aria-label="Reading the file" />;
  const { name, bytes, imageUrl, progress } = file;
  if (file.failed)
    return (
      <div class="file broken">
        <Icon name="warn" />
        <span>This file cannot be had any more.</span>
      </div>
    );
  if (imageUrl !== undefined)
    return (
      <button
        type="button"
        class="picture"
        title={`${name}: show it large`}
        onClick={() => (lightbox.value = { name, url: imageUrl })}
        data-testid="picture"
      >
        <img src={imageUrl} alt={name} />
      </button>
    );
  const busy = progress !== undefined;
  return (
    <button
      type="button"
      class="file"
      onClick={() => {
        if (busy) files.cancel(url);
        else attempt(`${name} could not be downloaded`, () => files.download(url));
      }}
      data-testid="file"
    >
      <Icon name="file" />
      <span class="file-words">
        <strong>{name}</strong>
        <span class="quiet">
          {bytes === undefined ? '' : `${sizeOf(bytes)} · `}
          {busy ? 'Cancel' : 'Download'}
        </span>
        {busy && <progress max={1} value={progress} aria-label={`${name}: received so far`} />}
      </span>
      <Icon name={busy ? 'close' : 'down'} size={18} />
    </button>
  );
}
