import { connect } from 'node:net';
import { connectionRequest, longestConfirm, readConfirm } from './connection-confirm';
import type { Probe, ProbeAnswer } from './ports';

/** The probe over TCP. All of it, from the first packet to the answer, takes `limitMs` at the most. */
export function rdpProbe(limitMs = 5_000): Probe {
  return { askForRdp: (target) => ask(target, limitMs) };
}

function ask({ address, port }: { address: string; port: number }, limitMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let received = Buffer.alloc(0);
    let isConnected = false;
    const timer = setTimeout(() => {
      const what = isConnected ? 'it took the connection and said nothing that is whole' : 'nothing came back';
      settle({ kind: 'no-answer', why: `${what} within ${limitMs / 1000} s` });
    }, limitMs);

    function settle(answer: ProbeAnswer): void {
      clearTimeout(timer);
      // Errors after this have nobody to hear them.
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      resolve(answer);
    }

    socket.on('connect', () => {
      isConnected = true;
      socket.write(connectionRequest);
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk.subarray(0, longestConfirm - received.length)]);
      const found = readConfirm(received);
      if (found === 'confirm') settle({ kind: 'answered' });
      if (found === 'something-else') settle({ kind: 'not-rdp', why: 'what answered does not speak Remote Desktop' });
    });
    socket.on('end', () => {
      settle({ kind: 'no-answer', why: 'it closed the connection without a word of Remote Desktop' });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'unknown error';
      settle(
        code === 'ECONNREFUSED' ? { kind: 'refused' } : { kind: 'no-answer', why: `the connection failed (${code})` },
      );
    });
  });
}
