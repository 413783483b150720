import { Dialog } from './dialog.js';
import { shortcuts } from './shortcuts.js';

export function Help() {
  return (
    <Dialog title="Help">
      <dl class="keys">
        {shortcuts.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Words may carry <code>**bold**</code>, <code>_italics_</code> and <code>`code`</code>. They are
        encrypted in this page; the inspector shows what really travels. Files and cards are encrypted here,
        too.
      </p>
    </Dialog>
  );
}
