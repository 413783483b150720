import type { WireChild } from '@trunkline/wire';

/** A reaction summary with readable names. */
export async function readReactions(
  child: WireChild,
  decrypt: (keyUrl: string, ciphertext: string) => Promise<string>,
): Promise<WireChild> {
  const { activity } = child;
  const key = activity.encryptionKeyUrl;
  const { reactions } = activity.object as { readonly reactions?: readonly { displayName: string }[] };
  if (key === undefined || reactions === undefined) return child;
  const read = await Promise.all(
    reactions.map(async (reaction) => ({
      ...reaction,
      displayName: await decrypt(key, reaction.displayName),
    })),
  );
  return { ...child, activity: { ...activity, object: { ...activity.object, reactions: read } } };
}
