import { sizeOf } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import { attempt } from '../stores/toasts.js';
import { Icon } from './icon.js';

/** A file of a message: an image as it is, everything else to download. */
export function FileView({ url }: { readonly url: string }) {
  const { files } = useApp();
  const file = files.look(url).value;
  if (file === undefined) return <div class="file skeleton" aria-busy="true" aria-label="Reading the file" />;
  const download = (): void => {
    attempt(`${file.name} could not be downloaded`, () => files.download(url));
  };
  if (file.failed)
    return (
      <div class="file broken">
        <Icon name="warn" />
        <span>This file cannot be had any more.</span>
      </div>
    );
  if (file.imageUrl !== undefined)
    return (
      <button
        type="button"
        class="picture"
        title={`${file.name}: download`}
        onClick={download}
        data-testid="picture"
      >
        <img src={file.imageUrl} alt={file.name} />
      </button>
    );
  return (
    <button type="button" class="file" onClick={download} data-testid="file">
      <Icon name="file" />
      <span class="file-words">
        <strong>{file.name}</strong>
        <span class="quiet">
          {file.bytes === undefined ? '' : `${sizeOf(file.bytes)} · `}
          Download
        </span>
      </span>
      <Icon name="down" size={18} />
    </button>
  );
}
