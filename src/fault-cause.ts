/** What a person is told of a fault: its cause, from what was thrown. Pure, and the same at every replay. */

const longest = 600;

// What opens something. The names are those of SAS URLs, connection strings, function keys and headers.
const secrets = [
  /(?:(?<![a-z])|(?<=%[\da-f]{2}))((?:sig|signature|code|accountkey|sharedaccesskey|sharedaccesssignature|password|pwd|secret|token|apikey|key)(?:=|%3D))[^&\s"'<>\\;,]+/gi,
  /((?:accountkey|sharedaccesskey|password|pwd|secret|token|apikey)["']?\s*:\s*["']?)[^&\s"'<>\\;,]+/gi,
  /(\bbearer\s+)[^\s"',;]+/gi,
  /(?<![\w-])()eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
];

/**
 * The cause in one line: of all lines of the message, but for what the engine appends (the exception as JSON: durable-functions joins an
 * event's Reason and Details by a line break, once for each level of orchestrations) and for stack traces; without secrets, and
 * bounded.
 */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const told = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !isAppendix(line) && !isOfStack(line));
  const line = secrets.reduce((now, secret) => now.replace(secret, '$1(hidden)'), told.join(' ').replace(/\s+/g, ' '));
  const shown = line === '' ? 'nothing is known of it' : line;
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

/** One line of JSON that is an exception: `{"$type":"System.Exception…"…}`. */
function isAppendix(line: string): boolean {
  if (!line.startsWith('{')) return false;
  if (/^\{"(?:\$type|ClassName)":/.test(line)) return true;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function isOfStack(line: string): boolean {
  return /^at .+(?:\(.*\)|:\d+(?::\d+)?|\bin .+:line \d+)$/.test(line) || line.startsWith('--- End of ');
}
