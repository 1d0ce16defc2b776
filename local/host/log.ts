/** The host's own log: one readable line each on stderr, so that stdout stays free for the ready line. */

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Takes one line. Never throws. */
export type Log = (level: LogLevel, message: string) => void;

/** The level named by HOST_LOG_LEVEL; `warn` when it is absent. Throws on a name that is no level. */
export function readLogLevel(environment: NodeJS.ProcessEnv = process.env): LogLevel {
  const name = environment.HOST_LOG_LEVEL ?? 'warn';
  const level = logLevels.find((candidate) => candidate === name);
  if (!level) throw new Error(`HOST_LOG_LEVEL must be one of ${logLevels.join(', ')}, not '${name}'.`);
  return level;
}

/** A log that writes every line of `threshold` or worse to stderr. */
export function stderrLog(threshold: LogLevel): Log {
  return (level, message) => {
    if (logLevels.indexOf(level) > logLevels.indexOf(threshold)) return;
    process.stderr.write(`${new Date().toISOString()} ${level.padEnd(5)} ${message.replaceAll('\n', '\n    ')}\n`);
  };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
