import markdownIt from 'markdown-it';
import { createMarkdown } from '@trunkline/wire/content';

/** @source protocol/hydra-rest.md §3.1 */
export const parseMarkdown = createMarkdown(markdownIt);
