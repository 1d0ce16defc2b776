/** Security descriptors (`sk`), shared by keys. Format: https://github.com/msuhanov/regf, "Key security". */
import type { Bins } from './bins';

const field = { next: 4, previous: 8, referenceCount: 12, descriptorSize: 16, descriptor: 20 } as const;

/** LocalSystem (S-1-5-18) and Administrators (S-1-5-32-544), as a descriptor has them. */
const localSystem = Buffer.from('010100000000000512000000', 'hex');
const administrators = Buffer.from('01020000000000052000000020020000', 'hex');

const keyAllAccess = 0x000f_003f;
/** Object and container inherit, access allowed. */
const inheritedAllow = 0x0200;

/** The first descriptor of a hive, of which one key makes use: full control for LocalSystem and the administrators. */
export function createSecurity(bins: Bins): number {
  const cell = writeSecurity(bins, selfRelative(administrators, localSystem));
  bins.setUint32(cell, field.next, cell);
  bins.setUint32(cell, field.previous, cell);
  return cell;
}

/** One descriptor more, after another one in the list, of which one key makes use. */
export function addSecurity(bins: Bins, after: number, descriptor: Uint8Array): number {
  demandSecurity(bins, after);
  const cell = writeSecurity(bins, descriptor);
  const next = bins.uint32(after, field.next);
  bins.setUint32(cell, field.next, next);
  bins.setUint32(cell, field.previous, after);
  bins.setUint32(next, field.previous, cell);
  bins.setUint32(after, field.next, cell);
  return cell;
}

function writeSecurity(bins: Bins, descriptor: Uint8Array): number {
  const cell = bins.allocate(field.descriptor + descriptor.length);
  bins.write(cell, 0, Buffer.from('sk', 'latin1'));
  bins.setUint32(cell, field.referenceCount, 1);
  bins.setUint32(cell, field.descriptorSize, descriptor.length);
  bins.write(cell, field.descriptor, descriptor);
  return cell;
}

/** A copy of the descriptor. */
export function securityIn(bins: Bins, cell: number): Buffer {
  demandSecurity(bins, cell);
  return Buffer.from(bins.view(cell, field.descriptor, bins.uint32(cell, field.descriptorSize)));
}

/** One key more makes use of the descriptor. */
export function shareSecurity(bins: Bins, cell: number): number {
  demandSecurity(bins, cell);
  bins.setUint32(cell, field.referenceCount, bins.uint32(cell, field.referenceCount) + 1);
  return cell;
}

/** One key less; the last one's descriptor leaves the list and its room is given back. */
export function releaseSecurity(bins: Bins, cell: number): void {
  demandSecurity(bins, cell);
  const count = bins.uint32(cell, field.referenceCount) - 1;
  if (count > 0) {
    bins.setUint32(cell, field.referenceCount, count);
    return;
  }
  const next = bins.uint32(cell, field.next);
  const previous = bins.uint32(cell, field.previous);
  bins.setUint32(previous, field.next, next);
  bins.setUint32(next, field.previous, previous);
  bins.free(cell);
}

function demandSecurity(bins: Bins, cell: number): void {
  if (bins.view(cell, 0, 2).toString('latin1') !== 'sk') {
    throw new Error(`The hive is damaged: no security descriptor at ${cell}.`);
  }
}

/** [MS-DTYP] 2.4.6: a descriptor in one piece; owner and group are both allowed everything. */
function selfRelative(owner: Buffer, group: Buffer): Buffer {
  const entries = [group, owner].map((sid) => {
    const entry = Buffer.alloc(8);
    entry.writeUInt16LE(inheritedAllow, 0);
    entry.writeUInt16LE(8 + sid.length, 2);
    entry.writeUInt32LE(keyAllAccess, 4);
    return Buffer.concat([entry, sid]);
  });
  const list = Buffer.concat([Buffer.alloc(8), ...entries]);
  list.writeUInt8(2, 0);
  list.writeUInt16LE(list.length, 2);
  list.writeUInt16LE(entries.length, 4);
  const head = Buffer.alloc(20);
  head.writeUInt8(1, 0);
  // Self-relative, with a discretionary list.
  head.writeUInt16LE(0x8004, 2);
  head.writeUInt32LE(20 + list.length, 4);
  head.writeUInt32LE(20 + list.length + owner.length, 8);
  head.writeUInt32LE(20, 16);
  return Buffer.concat([head, list, owner, group]);
}
