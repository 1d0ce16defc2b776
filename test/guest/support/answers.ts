import type { GuestAnswer, GuestCommandResult } from '../../../src/guest/command';

/** A command that ended: its output, and exit code 0 unless another is given. */
export function ended(id: string, output: string, exitCode = 0): GuestCommandResult {
  return { id, kind: 'ended', exitCode, output, error: '' };
}

/** A command that was left out because the value was right. */
export function leftOut(id: string): GuestCommandResult {
  return { id, kind: 'left-out' };
}

/** All answers of one run. */
export function answerOf(...results: GuestCommandResult[]): GuestAnswer {
  return { startedAt: '2026-01-02T03:04:05.0000000Z', computerName: 'vm-1', results };
}

/** What `reg.exe query` prints of one REG_DWORD of a service. */
export function registryOutput(start: number, name = 'Start'): string {
  const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Dhcp`;
  return ['', key, `    ${name}    REG_DWORD    0x${start.toString(16)}`, '', ''].join('\r\n');
}

/** What `sc.exe query` prints of a service in this state, with these labels. */
export function statusOutput(state: number, label = 'STATE', exitCode = 0): string {
  const names = ['STOPPED', 'START_PENDING', 'STOP_PENDING', 'RUNNING'];
  return [
    '',
    'SERVICE_NAME: Dhcp ',
    '        TYPE               : 20  WIN32_SHARE_PROCESS  ',
    `        ${label.padEnd(19)}: ${state}  ${names[state - 1] ?? 'PAUSED'} `,
    `        WIN32_EXIT_CODE    : ${exitCode}  (0x${exitCode.toString(16)})`,
    '        SERVICE_EXIT_CODE  : 0  (0x0)',
    '        CHECKPOINT         : 0x0',
    '        WAIT_HINT          : 0x0',
    '',
  ].join('\r\n');
}

/** What `netstat.exe -ano -p TCP` prints of a guest that listens on these ports. */
export function listenersOutput(...ports: number[]): string {
  const rows = ports.map((port) => `  TCP    0.0.0.0:${port}    0.0.0.0:0    LISTENING    1076`);
  return ['', 'Active Connections', '', ...rows, ''].join('\r\n');
}
