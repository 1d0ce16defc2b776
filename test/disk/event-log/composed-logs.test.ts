/**
 * Logs in forms that the committed images do not have, with answers that evtxexport agrees with. They are not ours to
 * commit: without them, or without `xz`, these tests are skipped. read-events.test.ts composes the same forms.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '../../../src/disk/byte-source';
import { readEvents } from '../../../src/disk/event-log/read-events';

const folder = join(__dirname, '../../../../shared/data/event-logs/composed');
const images = join(__dirname, '../../../fixtures/disk-images/event-log');
const canRun = existsSync(folder) && spawnSync('xz', ['-V']).status === 0;

function read(name: string) {
  const log = execFileSync('xz', ['-dkc', join(folder, `${name}.evtx.xz`)], { maxBuffer: 2 ** 28 });
  const providers = [{ name: 'Service Control Manager' }, { name: 'Types' }];
  const [from, to] = [new Date('1900-01-01'), new Date('2200-01-01')];
  return readEvents(memorySource(log), { providers, from, to, limit: 1000 });
}

(canRun ? describe : describe.skip)('disk/event-log/composed-logs: readEvents', () => {
  it.each(['several-chunks', 'circular', 'value-types'])('reads %s without checksums', async (name) => {
    const expected: unknown = JSON.parse(readFileSync(join(images, `${name}.json`), 'utf8'));
    const { events, problems } = await read(`nocrc_${name}`);
    expect(events).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it.each([
    ['hole_used_hole_used', 6, 1],
    ['hole_used_hole_used_zero', 6, 1],
    ['hole_used_used_hole_used_zero', 9, 2],
  ])('reads all around the chunk of zeros in %s, and tells it', async (name, count, lost) => {
    const { events, problems } = await read(name);
    expect(events.map(({ recordId }) => recordId)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^chunk ${lost} .*its header is zeros`, 'u'))]);
  });
});
