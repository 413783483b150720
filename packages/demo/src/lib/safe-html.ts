import { allowedAddress, allowedHtml, safeHtml as clean } from '@trunkline/wire';
import DOMPurify from 'dompurify';

const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') openElsewhere(node);
});
const openElsewhere = (link: Element): void => {
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer');
};

// the policy of messages, once more: what a page shows must not depend on who cleaned it before
const allowed = {
  ALLOWED_TAGS: [...allowedHtml.keys()],
  ALLOWED_ATTR: [...new Set([...allowedHtml.values()].flat())],
  ALLOWED_URI_REGEXP: allowedAddress,
  ALLOW_DATA_ATTR: false,
};

/** HTML that others wrote, safe to put into the page: structure and links, nothing that runs or loads. */
export function safeHtml(html: string): string {
  const fragment = purifier.sanitize(clean(html), { ...allowed, RETURN_DOM_FRAGMENT: true });
  linkAddresses(fragment);
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}

/** Plain words as HTML that shows just them, web addresses as links. */
export function plainHtml(text: string): string {
  const box = document.createElement('div');
  box.textContent = text;
  linkAddresses(box);
  return box.innerHTML;
}

// an address ends before the punctuation of its sentence
const address = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g;

function linkAddresses(root: Node): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node instanceof Text && !node.parentElement?.closest('a, code, pre')) texts.push(node);
  for (const text of texts) {
    const parts: (string | Node)[] = [];
    let at = 0;
    for (const match of text.data.matchAll(address)) {
      const link = document.createElement('a');
      link.href = match[0];
      link.textContent = match[0];
      openElsewhere(link);
      parts.push(text.data.slice(at, match.index), link);
      at = match.index + match[0].length;
    }
    if (parts.length > 0) text.replaceWith(...parts, text.data.slice(at));
  }
}
