import { parsed, unreadable, type Parsed } from './parsed';

/** A service's state by the numbers of SERVICE_STATUS. */
export interface ServiceStatus {
  /** SERVICE_* type bits. */
  type: number;
  /** 1 stopped, 2 start pending, 3 stop pending, 4 running, 5 continue pending, 6 pause pending, 7 paused. */
  state: number;
  /** Why it stopped; 1077 = not started since boot, 1066 = see the service's own code. */
  win32ExitCode: number;
}

// Rows are "LABEL : number  NAME". Labels may be translated, their order is not: type, state, exit code.
// https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_status
const numberRow = /^\s{2,}[^:\r\n]{1,60}:\s+(0x[0-9a-f]+|\d+)\b/i;
const typeRow = /^\s{2,}[^:\r\n]{1,60}:\s+([0-9a-f]{1,8})\b/i;

/** One service has four rows that begin with a number, five with the process id; more is a second service. */
const mostRows = 5;

/**
 * Reads the output of `sc.exe query <service>`. The type is printed in hexadecimal without a prefix, state and exit
 * code in decimal. Gives a failure when the three rows are not there, or more than one service's.
 */
export function parseScQuery(text: string): Parsed<ServiceStatus> {
  const rows = text.split(/\r?\n/).filter((line) => typeRow.test(line));
  const [typeLine, stateLine, exitLine] = rows;
  if (typeLine === undefined || stateLine === undefined || exitLine === undefined) {
    return unreadable('the rows of type, state and exit code are not there');
  }
  if (rows.length > mostRows) return unreadable('there are more rows than one service has');
  const type = Number.parseInt(typeRow.exec(typeLine)?.[1] ?? '', 16);
  const state = decimalOf(stateLine);
  const win32ExitCode = decimalOf(exitLine);
  if (state === undefined || state < 1 || state > 7) return unreadable('the state is no number from 1 to 7');
  if (win32ExitCode === undefined) return unreadable('the exit code is no number');
  return parsed({ type, state, win32ExitCode });
}

function decimalOf(line: string): number | undefined {
  const text = numberRow.exec(line)?.[1];
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  return Number(text);
}

/** The Windows error of a failed `sc.exe` call: it is the exit code, and stands after "FAILED" in the output. */
export function parseScFailure(text: string): number | undefined {
  const match = /FAILED (\d{1,10}):/.exec(text);
  return match ? Number(match[1]) : undefined;
}
