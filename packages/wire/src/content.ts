// What makes messages: apart from the rest, so that a bundle's first chunk does not have what sending formatted messages needs.
export { htmlToText } from './html-text.js';
export * from './markdown.js';
export * from './message-content.js';
