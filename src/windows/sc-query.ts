import { linesOf } from './console-text';
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

// Rows are "LABEL : number  NAME". Labels may be translated, their order is not: type, state, exit code. A label in UTF-8
// takes up to four bytes a letter; no letter of any code page has a colon as one of its bytes.
// https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_status
const rowPattern = /^ {2,20}[^ :][^:]{0,119}: {1,20}([0-9a-fx]{1,10})(?: |$)/i;

/** One service has six such rows, eight with process id and flags; more is a second service. */
const mostRows = 8;

/**
 * Reads the output of `sc.exe query <service>`. The type is printed in hexadecimal without a prefix, state and exit
 * code in decimal. Gives a failure when the three rows are not there, or more than one service's.
 */
export function parseScQuery(text: string): Parsed<ServiceStatus> {
  const values = linesOf(text).flatMap((line) => rowPattern.exec(line)?.[1] ?? []);
  const [typeText, stateText, exitText] = values;
  if (typeText === undefined || stateText === undefined || exitText === undefined) {
    return unreadable('the rows of type, state and exit code are not there');
  }
  if (values.length > mostRows) return unreadable('there are more rows than one service has');
  if (!/^[0-9a-f]{1,8}$/i.test(typeText)) return unreadable('the type is no hexadecimal number');
  const state = decimalOf(stateText);
  const win32ExitCode = decimalOf(exitText);
  if (state === undefined || state < 1 || state > 7) return unreadable('the state is no number from 1 to 7');
  if (win32ExitCode === undefined) return unreadable('the exit code is no number');
  return parsed({ type: Number.parseInt(typeText, 16), state, win32ExitCode });
}

function decimalOf(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The Windows error of a failed `sc.exe` call: it is the exit code, and stands after "FAILED" in the output. */
export function parseScFailure(text: string): number | undefined {
  const match = /FAILED ([0-9]{1,10}):/.exec(text);
  return match ? Number(match[1]) : undefined;
}
