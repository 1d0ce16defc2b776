import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNewerStory, storyVersion } from '../../src/orchestrators/story-version';

describe('orchestrators/story-version', () => {
  it('is the one that the host gives each new orchestration', () => {
    const host = JSON.parse(readFileSync(join(__dirname, '../../host.json'), 'utf8')) as {
      extensions: { durableTask: { defaultVersion: string } };
    };
    expect(storyVersion).toBe(host.extensions.durableTask.defaultVersion);
  });

  it.each([
    ['1.1', '1.0', true],
    ['2.0', '1.9', true],
    ['1.10', '1.9', true],
    ['1.0.1', '1.0', true],
    ['1.0', '1.0', false],
    ['0.9', '1.0', false],
    ['1', '1.0', false],
    ['unreadable', '1.0', false],
  ])('%s beside %s is newer: %s', (theirs, ours, isNewer) => {
    expect(isNewerStory(theirs, ours)).toBe(isNewer);
  });
});
