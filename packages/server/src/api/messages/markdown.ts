import { createMarkdown } from '@trunkline/wire/content';
import markdownIt from 'markdown-it';

/** @source protocol/hydra-rest.md §3.1 */
export const parseMarkdown = createMarkdown(markdownIt);
