import DOMPurify from 'dompurify';

const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

/** HTML that others wrote, as it may stand in the page: structure and links, nothing that runs or loads. */
export const safeHtml = (html: string): string =>
  purifier.sanitize(html, {
    ALLOWED_TAGS: [
      ...['p', 'br', 'strong', 'b', 'em', 'i', 'u', 's', 'del', 'code', 'pre', 'blockquote', 'hr', 'span'],
      ...['ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'a', 'div'],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'spark-mention', 'webex-mention'],
    ],
    ALLOWED_ATTR: ['href', 'title', 'start', 'data-object-type', 'data-object-id'],
    ALLOW_DATA_ATTR: false,
  });
