/**
 * The first words of Remote Desktop, before any encryption: an X.224 connection request in a TPKT packet, and the confirm
 * that a Remote Desktop server answers. https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr ([MS-RDPBCGR]),
 * 2.2.1.1 and 2.2.1.2. Pure; the answer is hostile.
 */

/** TLS and CredSSP are asked for, as a present client does; a server that wants another protocol says so, and has answered. */
export const connectionRequest: Uint8Array = Uint8Array.of(
  // TPKT: version 3, length 19
  ...[3, 0, 0, 19],
  // X.224: 14 more bytes, connection request, destination 0, source 0, class 0
  ...[14, 0xe0, 0, 0, 0, 0, 0],
  // RDP_NEG_REQ: type, flags, length 8, PROTOCOL_SSL | PROTOCOL_HYBRID
  ...[1, 0, 8, 0, 3, 0, 0, 0],
);

/** A confirm is 11 bytes, or 19 with what was negotiated; nothing beyond this is ever looked at. */
export const longestConfirm = 64;

const header = 11;

/** What the bytes so far are: a whole confirm, none, or too few to tell. */
export function readConfirm(bytes: Uint8Array): 'confirm' | 'something-else' | 'too-few' {
  const [version, reserved, high = 0, low = 0, indicator = 0, code = 0] = bytes;
  if ((version ?? 3) !== 3 || (reserved ?? 0) !== 0) return 'something-else';
  if (bytes.length < header) return 'too-few';
  const length = high * 256 + low;
  const isConfirm = length >= header && length <= longestConfirm && indicator === length - 5 && code >> 4 === 0xd;
  if (!isConfirm) return 'something-else';
  return bytes.length < length ? 'too-few' : 'confirm';
}
