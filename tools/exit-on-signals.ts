/**
 * Lets Ctrl-C and SIGTERM end this process by way of its exit handlers: Azurite lives in a group of its own, which no signal
 * reaches, and is ended by `local/processes.ts` when whoever started it exits.
 */
export function exitOnSignals(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}
