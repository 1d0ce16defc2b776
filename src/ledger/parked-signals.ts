/**
 * Alerts that the ledger could not take when they came: a queue of another storage account, so that what fails the one need not fail the other. Upkeep
 * takes them in. A message is a JSON text of what was read of an alert, never its payload, which may be larger than a message (64 KiB:
 * https://learn.microsoft.com/azure/storage/queues/storage-queues-introduction) and may hold claims.
 */
import type { TokenCredential } from '@azure/identity';
import type { QueueClient } from '@azure/storage-queue' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { signalCode } from '../signal-codes';
import { LedgerFault } from './errors';
import type { SignalWord } from './ports';
import { orLedgerFault, restFailureOf } from './store-failures';

/** What was read of an alert, as it waits in the queue. */
export interface ParkedSignal {
  key: string;
  title: string;
  facts: Record<string, string>;
  receivedAt: string;
  occurredAt: string;
  occasion?: string;
  says?: SignalWord;
  vmId?: string;
  vmName?: string;
  ignored?: { code: z.infer<typeof signalCode>; reason: string };
}

/** A message of the queue. Whoever received it has it for `visibilitySeconds`; then it is there again. */
export interface ParkedMessage {
  /** Undefined where the message is none of ours. */
  signal: ParkedSignal | undefined;
  /** How often it was received, this time included. */
  received: number;
  /** Takes it out of the queue for good; one that is gone is fine. */
  remove(): Promise<void>;
}

/** Where alerts wait that the ledger could not take. Every method throws a LedgerFault if the queue cannot be reached. */
export interface ParkedSignals {
  /** Puts the signal into the queue; twice is fine. */
  park(signal: ParkedSignal): Promise<void>;
  /** At most 32 that nobody else has now; an empty list does not say that the queue is empty. */
  receive(): Promise<ParkedMessage[]>;
  /** Whether the queue can be reached and used. */
  check(): Promise<void>;
}

/** How to reach the queue's storage account. */
export type ParkingConnection =
  | { kind: 'identity'; queueServiceUri: string; credential: TokenCredential }
  | { kind: 'connection-string'; connectionString: string };

/** infra/app/parking.bicep makes it; locally it is made where it is missing. */
export const parkingQueueName = 'rdp-lifeline-parked-signals';

/** Long enough to put the most of one call on record, short enough that nothing waits long for a process that died (s). */
const visibilitySeconds = 60;

/** The most of one call: https://learn.microsoft.com/rest/api/storageservices/get-messages */
const mostMessages = 32;

/** Far below the 48 KiB that are left of a message in base64. */
const longestMessage = 40_000;

const parkedSchema = z.object({
  key: z.string().min(1).max(200),
  title: z.string().max(1_000),
  facts: z.record(z.string().max(100), z.string().max(1_000)),
  receivedAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  occasion: z.string().min(1).max(1_000).optional(),
  says: z.enum(['recovered', 'asked-for', 'cancelled']).optional(),
  vmId: z.string().max(2_000).optional(),
  vmName: z.string().max(300).optional(),
  ignored: z.object({ code: signalCode, reason: z.string().max(2_000) }).optional(),
});

/** The queue in this storage account. Nothing is sent before the first call. */
export function connectParkedSignals(connection: ParkingConnection): ParkedSignals {
  let opened: Promise<QueueClient> | undefined;

  function run<T>(doing: string, act: (queue: QueueClient) => Promise<T>): Promise<T> {
    return orLedgerFault(doing, async () => act(await (opened ??= open(connection))));
  }

  async function remove(messageId: string, popReceipt: string): Promise<void> {
    await run('take a parked signal out of its queue', async (queue) => {
      try {
        await queue.deleteMessage(messageId, popReceipt);
      } catch (error) {
        // Another process has received it since, and lets go of it too.
        if (!['MessageNotFound', 'PopReceiptMismatch'].includes(restFailureOf(error).code ?? '')) throw error;
      }
    });
  }

  return {
    async park(signal) {
      const text = writeMessage(signal);
      await run('park a signal', async (queue) => {
        // -1: it never expires. Otherwise a message is gone after seven days.
        const send = () => queue.sendMessage(text, { messageTimeToLive: -1 });
        try {
          await send();
        } catch (error) {
          if (restFailureOf(error).code !== 'QueueNotFound') throw error;
          await queue.createIfNotExists();
          await send();
        }
      });
    },

    receive: () =>
      run('receive parked signals', async (queue) => {
        try {
          const { receivedMessageItems } = await queue.receiveMessages({
            numberOfMessages: mostMessages,
            visibilityTimeout: visibilitySeconds,
          });
          return receivedMessageItems.map(({ messageText, messageId, popReceipt, dequeueCount }) => ({
            signal: readMessage(messageText),
            received: dequeueCount,
            remove: () => remove(messageId, popReceipt),
          }));
        } catch (error) {
          // Nothing was ever parked.
          if (restFailureOf(error).code === 'QueueNotFound') return [];
          throw error;
        }
      }),

    check: async () => {
      await run('look at the queue of parked signals', async (queue) => {
        const peek = () => queue.peekMessages({ numberOfMessages: 1 });
        await peek().catch(async (error: unknown) => {
          // Locally nobody has made it yet.
          if (restFailureOf(error).code !== 'QueueNotFound') throw error;
          await queue.createIfNotExists();
        });
      });
    },
  };
}

/** Base64, as the Functions host reads and writes its queues, so that every tool shows it the same way. */
function writeMessage(signal: ParkedSignal): string {
  const { facts, title, ...rest } = signal;
  const cut = {
    ...rest,
    title: title.slice(0, 1_000),
    facts: Object.fromEntries(
      Object.entries(facts).flatMap(([name, value]) => (name.length > 100 ? [] : [[name, value.slice(0, 1_000)]])),
    ),
  };
  const parsed = parkedSchema.safeParse(JSON.parse(JSON.stringify(cut)));
  const text = JSON.stringify(parsed.data);
  if (!parsed.success || text.length > longestMessage) {
    throw new LedgerFault('The signal is not one that can be parked.', { code: 'UnreadableRow' });
  }
  return Buffer.from(text, 'utf8').toString('base64');
}

function readMessage(text: string): ParkedSignal | undefined {
  try {
    return parkedSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

async function open(connection: ParkingConnection): Promise<QueueClient> {
  const { QueueClient } = await import('@azure/storage-queue');
  // One try: who waits for us has little time, and what is not parked is refused so that it comes again.
  const options = { retryOptions: { maxTries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 500, tryTimeoutInMs: 2_500 } };
  if (connection.kind === 'connection-string') {
    return new QueueClient(connection.connectionString, parkingQueueName, options);
  }
  const uri = connection.queueServiceUri.replace(/\/+$/, '');
  return new QueueClient(`${uri}/${parkingQueueName}`, connection.credential, options);
}
