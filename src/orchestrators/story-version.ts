/**
 * The version of the stories: `defaultVersion` in host.json, which the app cannot read when it runs. A host takes up the stories of its own
 * version and of older ones, and leaves a newer one as it is (docs/change-a-story.md).
 */
export const storyVersion = '1.0';

/** Whether stories of this version are newer than those of this release: it was rolled back to this one. */
export function isNewerStory(version: string, own: string = storyVersion): boolean {
  const [theirs, ours] = [version, own].map((text) => text.split('.').map(Number));
  const length = Math.max(theirs?.length ?? 0, ours?.length ?? 0);
  for (let index = 0; index < length; index += 1) {
    const difference = (theirs?.[index] ?? 0) - (ours?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
