import { columnsOf, linesOf } from './console-text';
import { parsed, unreadable, type Parsed } from './parsed';

/** A listening TCP endpoint. */
export interface Listener {
  address: string;
  port: number;
  processId: number;
}

const highestPort = 65_535;
/** An address is ASCII, with letters where it has a scope. */
const endpoint = /^([!-~]{1,80}):([0-9]{1,5})$/;

/**
 * Reads the TCP listeners from `netstat.exe -ano -p TCP`. A row is "TCP local foreign STATE pid"; the word of the
 * state is translated and may be several, so a foreign port of 0 tells that it listens. Fails when there is no TCP row at all.
 * https://learn.microsoft.com/windows-server/administration/windows-commands/netstat
 */
export function parseListeners(text: string): Parsed<Listener[]> {
  const rows = linesOf(text)
    .map(parseRow)
    .filter((row) => row !== undefined);
  if (rows.length === 0) return unreadable('there is no TCP row');
  return parsed(rows.filter(({ foreignPort }) => foreignPort === 0).map(({ listener }) => listener));
}

function parseRow(line: string): { listener: Listener; foreignPort: number } | undefined {
  const columns = columnsOf(line);
  const [protocol, local, foreign] = columns;
  const processId = columns.at(-1);
  if (protocol !== 'TCP' || columns.length < 5 || processId === undefined) return undefined;
  const localEnd = endpoint.exec(local ?? '');
  const foreignEnd = endpoint.exec(foreign ?? '');
  if (!localEnd || !foreignEnd || !/^[0-9]{1,10}$/.test(processId)) return undefined;
  const listener = { address: localEnd[1] ?? '', port: Number(localEnd[2]), processId: Number(processId) };
  if (listener.port > highestPort) return undefined;
  return { listener, foreignPort: Number(foreignEnd[2]) };
}
