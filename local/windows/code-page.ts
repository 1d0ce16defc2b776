/**
 * Text as the bytes that a console program of Windows writes: the OEM code page of the machine's language, as Unicode
 * publishes it (https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/). Bytes below 128 are ASCII.
 */

/** What the bytes from 128 mean. */
const upperHalves = {
  437: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  850: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
} as const;

/** Signs that Windows replaces by a similar one when the code page has none ("best fit"). */
const bestFit: Readonly<Record<string, string>> = { '\u2019': "'", '\u202f': '\u00a0' };

/** The text's bytes in a code page; a sign that it has no byte for becomes a question mark. */
export function encodeOem(text: string, codePage: keyof typeof upperHalves): Buffer {
  const upperHalf = upperHalves[codePage];
  return Buffer.from(
    Array.from(text, (sign) => {
      const known = bestFit[sign] ?? sign;
      const code = known.charCodeAt(0);
      if (code < 128) return code;
      const place = upperHalf.indexOf(known);
      return place < 0 ? 0x3f : 128 + place;
    }),
  );
}
