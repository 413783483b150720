// Formatted messages: loaded when the first one is sent, so that a bundle's first chunk has no Markdown parser.
import {
  createMarkdown,
  messageContent,
  type GivenContent,
  type MessageContent,
  type ParseMarkdown,
  type ResolvedMention,
  type WrittenMention,
} from '@trunkline/wire/content';

/** Makes what a message says out of what its author gives; undefined when nothing is left to show. */
export type Render = (
  given: GivenContent,
  resolve: (mention: WrittenMention) => Promise<ResolvedMention>,
) => Promise<MessageContent | undefined>;

export function createRenderer(): Render {
  let markdown: Promise<ParseMarkdown> | undefined;
  const parse = (): Promise<ParseMarkdown> => {
    markdown ??= import('markdown-it').then((library) => createMarkdown(library.default));
    // a chunk that could not be loaded is asked for again
    markdown.catch(() => (markdown = undefined));
    return markdown;
  };
  return (given, resolve) => messageContent(given, { parse, resolve });
}
