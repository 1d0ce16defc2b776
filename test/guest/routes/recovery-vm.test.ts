import fc from 'fast-check';
import { nativeCommand } from '../../../src/guest/command';
import {
  renderCommands,
  renderPreparation,
  renderRelease,
  type PreparationPurpose,
} from '../../../src/guest/routes/recovery-vm';
import {
  isReleased,
  preparation,
  readPreparation,
  readRelease,
  refusalCodes,
  releaseAnswer,
  type PreparedDisk,
  type RefusedDisk,
  type ReleasedDisk,
} from '../../../src/guest/routes/recovery-vm-answers';
import { guestRunName, nonceOf } from '../../../src/guest/routes/run-command';
import { readFrame } from '../../../src/guest/routes/run-command-frame';
import { bodyOf, framesOf } from './support/frame-packer';

const repairId = '20260102t030405z-0123abcd45';
const nonce = nonceOf({ repairId, name: 'prepare', part: 1 });
const place = { location: 'westeurope', tags: { 'rdp-lifeline-repair': repairId } };
const copy = { lun: 2, sizeBytes: 136_367_309_312, purpose: 'repair' } as const;
const folder = `C:\\Windows\\Temp\\rdp-lifeline\\${repairId}`;

const prepared: PreparedDisk = {
  version: 1,
  nonce,
  kind: 'prepared',
  startedAt: '2026-01-02T03:05:00.0000000Z',
  diskNumber: 2,
  lun: 2,
  sizeBytes: copy.sizeBytes,
  partitionStyle: 'gpt',
  identity: '{8c4e3b52-7d10-4f6a-9b21-3e5a1c7d9f04}',
  wasOnline: true,
  bootStore: `${folder}\\p2\\EFI\\Microsoft\\Boot\\BCD`,
  systemHive: `${folder}\\p4\\Windows\\System32\\config\\SYSTEM`,
  softwareHive: `${folder}\\p4\\Windows\\System32\\config\\SOFTWARE`,
  hivePrefix: `HKLM\\RDPL_${repairId}_`,
  isMarkedDirty: false,
  windowsBytes: 1,
  freeBytes: 1,
  backups: ['BCD', 'SYSTEM'].map((name) => ({
    path: `${folder}\\p4\\${name}.rdp-lifeline-${repairId}`,
    bytes: 1,
    sha256: 'a'.repeat(64),
    isKept: false,
  })),
};
const refused: RefusedDisk = {
  version: 1,
  nonce,
  kind: 'refused',
  startedAt: '2026-01-02T03:05:00.0000000Z',
  code: 'wrong-size',
  detail: 'The disk at LUN 2 has 512 bytes.',
  notReleased: [],
};
const released: ReleasedDisk = {
  version: 1,
  nonce,
  kind: 'released',
  startedAt: '2026-01-02T03:05:00.0000000Z',
  isDiskPresent: true,
  isDiskOffline: true,
  notReleased: [],
};

function read(answer: unknown, purpose: PreparationPurpose = 'repair') {
  const frame = readFrame(framesOf(bodyOf(answer), nonce)[0] ?? '', nonce);
  return frame.ok ? readPreparation([frame.part], { repairId, nonce, purpose }) : frame;
}

function readAsRelease(answer: unknown) {
  const frame = readFrame(framesOf(bodyOf(answer), nonce)[0] ?? '', nonce);
  return frame.ok ? readRelease([frame.part], { nonce }) : frame;
}

describe('guest/routes/recovery-vm', () => {
  it('names runs and nonces after the repair, as the route run-command does', () => {
    const request = renderPreparation({ repairId, name: 'prepare' }, copy, place);
    expect(request).toMatchObject({
      name: guestRunName({ repairId, name: 'prepare', part: 1 }),
      parameters: { Nonce: nonce, RepairId: repairId, Lun: '2', SizeBytes: '136367309312', Purpose: 'repair' },
      ...place,
    });
    expect(renderPreparation({ repairId, name: 'prepare' }, copy, place)).toEqual(request);
  });

  it('carries three static scripts: nothing of a repair is in their text', () => {
    const texts = [
      renderPreparation({ repairId, name: 'a' }, copy, place).script,
      renderRelease({ repairId, name: 'b' }, copy, place).script,
      renderCommands({ repairId, name: 'c', part: 1 }, [nativeCommand('x', 'hostname.exe')], place).script,
    ];
    expect(new Set(texts).size).toBe(3);
    expect(texts.every((text) => !text.includes(repairId) && !text.includes(nonce))).toBe(true);
  });
});

describe('guest/routes/recovery-vm: the answer of prepare-offline-disk.ps1', () => {
  it('is taken as it is', () => {
    expect(read(prepared)).toEqual({ ok: true, answer: prepared });
    expect(read(refused)).toEqual({ ok: true, answer: refused });
    expect(read({ ...prepared, partitionStyle: 'mbr', identity: '5d1c3a7e' })).toMatchObject({ ok: true });
    for (const answer of [prepared, refused]) {
      expect(preparation({ repairId, nonce, purpose: 'repair' }).parse(JSON.parse(JSON.stringify(answer)))).toEqual(
        answer,
      );
    }
  });

  it('has no backup in a rehearsal, and is refused with one', () => {
    const rehearsed = { ...prepared, backups: [] };
    expect(read(rehearsed, 'rehearsal')).toEqual({ ok: true, answer: rehearsed });
    expect(read(prepared, 'rehearsal')).toMatchObject({ ok: false });
    expect(
      renderPreparation({ repairId, name: 'p' }, { ...copy, purpose: 'rehearsal' }, place).parameters,
    ).toMatchObject({ Purpose: 'rehearsal' });
  });

  it.each(refusalCodes)('may refuse with %s', (code) => {
    expect(read({ ...refused, code })).toMatchObject({ ok: true, answer: { code } });
  });

  it.each<[string, object]>([
    ['another nonce', { nonce: 'b'.repeat(32) }],
    ['another version', { version: 2 }],
    ['a field that is not known', { extra: 1 }],
    ['a store elsewhere', { bootStore: 'C:\\Boot\\BCD' }],
    ['the recovery VM’s own hive', { systemHive: 'C:\\Windows\\System32\\config\\SYSTEM' }],
    ['another repair’s folder', { systemHive: prepared.systemHive.replace('0123abcd45', 'ffffffffff') }],
    ['a way up', { systemHive: `${folder}\\p4\\..\\..\\..\\..\\System32\\config\\SYSTEM` }],
    ['a quote in a path', { systemHive: `${folder}\\p4\\a"b\\System32\\config\\SYSTEM` }],
    ['a switch in a path', { bootStore: `${folder}\\p2\\x /y\\Boot\\BCD` }],
    ['another key', { hivePrefix: 'HKLM\\SYSTEM\\' }],
    ['markup as identity', { identity: '<script>alert(1)</script>' }],
    ['a size that is no number', { sizeBytes: '136367309312' }],
    ['a size beyond any', { sizeBytes: 2 ** 60 }],
    ['the machine’s own LUN', { lun: 0 }],
    ['no backup', { backups: [] }],
    ['a backup of another repair', { backups: prepared.backups.map((one) => ({ ...one, path: `${one.path}x` })) }],
    ['more backups than there are files', { backups: Array(50).fill(prepared.backups[0]) }],
  ])('is refused with %s', (_what, change) => {
    expect(read({ ...prepared, ...change })).toEqual({
      ok: false,
      reason: 'The answer does not have the expected form.',
    });
  });

  it.each<[string, object]>([
    ['a code that is none', { code: 'all-well' }],
    ['markup of more than one line', { detail: '<b>\n</b>' }],
    ['a detail without end', { detail: 'x'.repeat(100_000) }],
    ['letters that are not ASCII', { detail: '\u202e' }],
    ['more left than is told', { notReleased: Array(51).fill('x') }],
  ])('is refused as a refusal with %s', (_what, change) => {
    expect(read({ ...refused, ...change })).toMatchObject({ ok: false });
  });

  it('is refused whatever else it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (anything) => {
        expect(read(anything)).toMatchObject({ ok: false });
      }),
    );
  });

  it('keeps to its folder whatever a path says', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\\', '.', 'a', ' ', '/', '"', ':', 'SYSTEM') }), (path) => {
        const answer = read({ ...prepared, systemHive: `${folder}\\p4\\${path}\\System32\\config\\SYSTEM` });
        if (answer.ok) expect(path).toMatch(/^[a .\\SYTEM]*$/);
        if (answer.ok) expect(path.split('\\').every((name) => !/^\.*$/.test(name))).toBe(true);
      }),
    );
  });

  it('that is huge once it is unpacked is not unpacked', () => {
    const frame = readFrame(framesOf(bodyOf({ ...refused, detail: 'x'.repeat(2_000_000) }), nonce)[0] ?? '', nonce);
    const part = frame.ok ? frame.part : undefined;
    expect(part && readPreparation([part], { repairId, nonce, purpose: 'repair' })).toEqual({
      ok: false,
      reason: 'The answer cannot be unpacked.',
    });
  });
});

describe('guest/routes/recovery-vm: the answer of release-offline-disk.ps1', () => {
  it('is taken as it is, and tells whether the disk may be detached', () => {
    expect(readAsRelease(released)).toEqual({ ok: true, answer: released });
    expect(releaseAnswer({ nonce }).parse(JSON.parse(JSON.stringify(released)))).toEqual(released);
    expect(isReleased(released)).toBe(true);
    expect(isReleased({ ...released, isDiskPresent: false, isDiskOffline: false })).toBe(true);
    expect(isReleased({ ...released, isDiskOffline: false })).toBe(false);
    const notReleased = [{ what: 'hive' as const, name: 'HKLM\\x', reason: 'It stays loaded.' }];
    expect(isReleased({ ...released, notReleased })).toBe(false);
  });

  it.each<[string, object]>([
    ['another nonce', { nonce: 'b'.repeat(32) }],
    ['no word on the disk', { isDiskOffline: undefined }],
    ['something else that was not released', { notReleased: [{ what: 'world', name: '', reason: '' }] }],
  ])('is refused with %s', (_what, change) => {
    expect(readAsRelease({ ...released, ...change })).toMatchObject({ ok: false });
  });
});
