/** `netstat -ano [-p TCP|UDP|TCPv6|UDPv6]`: listeners of the guest's running services. */
import type { Translated } from '../language';
import { lines, type CommandContext, type CommandResult } from './command';

interface Words {
  title: string;
  header: string;
  listening: string;
}

/** German and French: outputs in public test fixtures and logs. Russian and Chinese are assumed. */
const words: Translated<Words> = {
  'en-US': {
    title: 'Active Connections',
    header: '  Proto  Local Address          Foreign Address        State           PID',
    listening: 'LISTENING',
  },
  'de-DE': {
    title: 'Aktive Verbindungen',
    header: '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    listening: 'ABHÖREN',
  },
  'fr-FR': {
    title: 'Connexions actives',
    header: '  Proto  Adresse locale         Adresse distante       État            PID',
    listening: 'LISTENING',
  },
  'ru-RU': {
    title: 'Активные подключения',
    header: '  Имя    Локальный адрес        Внешний адрес          Состояние       PID',
    listening: 'LISTENING',
  },
  'zh-CN': {
    title: '活动连接',
    header: '  协议  本地地址          外部地址        状态           PID',
    listening: 'LISTENING',
  },
};

interface Listener {
  protocol: 'TCP' | 'UDP';
  port: number;
  processId: number;
}

const SYSTEM_PROCESS_ID = 4;

export function netstat(commandLine: readonly string[], context: CommandContext): CommandResult {
  const wanted = protocolOf(commandLine);
  const { title, header, listening } = words[context.guest.language];
  const rows = listeners(context).flatMap((listener) => [
    row(listener, false, listening),
    row(listener, true, listening),
  ]);
  const shown = rows.filter((candidate) => wanted === undefined || candidate.family === wanted).map((one) => one.text);
  return { exitCode: 0, stdout: lines('', title, '', header, ...shown), stderr: '' };
}

function protocolOf(commandLine: readonly string[]): string | undefined {
  const index = commandLine.findIndex((option) => option.toLowerCase() === '-p');
  return index < 0 ? undefined : commandLine[index + 1]?.toLowerCase();
}

/** Which service listens where. RDP listens on every address, whether or not the machine has one. */
function listeners({ guest, at }: CommandContext): Listener[] {
  const processOf = (service: string) => guest.status(service, at);
  const listening = (service: string, protocol: Listener['protocol'], port: number): Listener[] => {
    const status = processOf(service);
    return status.state === 'RUNNING' ? [{ protocol, port, processId: status.processId }] : [];
  };
  const rdp = guest.isRdpListening(at)
    ? [...listening('TermService', 'TCP', guest.rdpPort()), ...listening('TermService', 'UDP', guest.rdpPort())]
    : [];
  const system = (service: string, port: number): Listener[] =>
    processOf(service).state === 'RUNNING' ? [{ protocol: 'TCP', port, processId: SYSTEM_PROCESS_ID }] : [];
  return [
    ...listening('RpcEptMapper', 'TCP', 135),
    ...system('LanmanServer', 445),
    ...rdp.filter((listener) => listener.protocol === 'TCP'),
    ...system('WinRM', 5985),
    ...listening('W32Time', 'UDP', 123),
    ...rdp.filter((listener) => listener.protocol === 'UDP'),
  ];
}

function row(listener: Listener, isVersion6: boolean, listening: string): { family: string; text: string } {
  const local = `${isVersion6 ? '[::]' : '0.0.0.0'}:${listener.port}`;
  const isTcp = listener.protocol === 'TCP';
  const foreign = isTcp ? `${isVersion6 ? '[::]' : '0.0.0.0'}:0` : '*:*';
  const state = isTcp ? listening : '';
  const text = `  ${listener.protocol.padEnd(6)} ${local.padEnd(22)} ${foreign.padEnd(22)} ${state.padEnd(15)} ${listener.processId}`;
  return { family: `${listener.protocol.toLowerCase()}${isVersion6 ? 'v6' : ''}`, text };
}
