import DOMPurify from 'dompurify';

const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') openElsewhere(node);
});
const openElsewhere = (link: Element): void => {
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer');
};

const allowed = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'strong', 'b', 'em', 'i', 'u', 's', 'del', 'code', 'pre', 'blockquote', 'hr', 'span'],
    ...['ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'a', 'div'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'spark-mention', 'webex-mention'],
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'data-object-type', 'data-object-id'],
  ALLOW_DATA_ATTR: false,
};

/** HTML that others wrote, as it may stand in the page: structure and links, nothing that runs or loads. */
export function safeHtml(html: string): string {
  const fragment = purifier.sanitize(html, { ...allowed, RETURN_DOM_FRAGMENT: true });
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
