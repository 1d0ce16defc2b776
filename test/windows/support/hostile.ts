/** Texts that a hostile guest may print in place of a tool's output. */
export const hostileOutputs: readonly string[] = [
  '',
  '\0',
  '\u001b[2J\u001b[H        TYPE : 20',
  '<script>alert(1)</script>',
  '${process.env.HOME} $(id) `id`',
  '../../../etc/passwd',
  '__proto__',
  '\ud800',
  '\u202e0x4 DROWD_GER tratS',
  '::::::::',
  '    ',
  '\r\r\r\r',
];

/** How many characters the lines have that a parser must get through without searching backwards. */
export const hugeLength = 5_000_000;

/** `text` again and again until it is `hugeLength` long. */
export function huge(text: string): string {
  return text.repeat(Math.ceil(hugeLength / text.length));
}
