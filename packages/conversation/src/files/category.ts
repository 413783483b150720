/** What all files have in common. @source protocol/conversation.md §3.2 */
export function categoryOf(types: readonly string[]): 'images' | 'videos' | 'documents' {
  if (types.every((type) => type.startsWith('image/'))) return 'images';
  return types.every((type) => type.startsWith('video/')) ? 'videos' : 'documents';
}
