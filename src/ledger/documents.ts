/** The documents of repairs (evidence, plan…): JSON blobs named `repairs/<repairId>/<name>.json`. */
import type { ContainerClient } from '@azure/storage-blob' with { 'resolution-mode': 'import' };
import { plainJson } from '../plain-characters';
import { LedgerFault, LedgerInputError } from './errors';
import { checkRepairId, isRepairId, quote } from './keys';
import type { Ledger } from './ports';
import { isUnreadable, type UnreadableRow } from './readable-rows';
import { orLedgerFault, restFailureOf } from './store-failures';

const maxDocumentBytes = 4 * 1024 * 1024;
const rawAnswerPrefix = 'guest-';
const namePattern = /^[a-z0-9-]{1,100}$/;

interface ReadDocuments {
  documents: Record<string, unknown>;
  unreadable: UnreadableRow[];
}

interface Documents {
  writeAndReadBlob: Ledger['writeAndReadBlob'];
  /** Creates the container if it is missing. */
  create(): Promise<void>;
  putDocument: Ledger['putDocument'];
  getDocument: Ledger['getDocument'];
  /**
   * A repair's documents by name, but for the raw answers of guests (`guest-…`), which are large and seldom wanted; and which of them cannot be
   * read.
   */
  readAll(repairId: string): Promise<ReadDocuments>;
  /** The same with the raw answers. */
  readWhole(repairId: string): Promise<ReadDocuments>;
  /** Deletes all of them. */
  removeAll(repairId: string): Promise<void>;
}

/** The documents behind `open`, which is called once, when the first verb is used. No operation takes longer than `timeoutMs`. */
export function openDocuments(open: () => Promise<ContainerClient>, timeoutMs: number): Documents {
  let container: Promise<ContainerClient> | undefined;

  function run<T>(doing: string, act: (container: ContainerClient, signal: AbortSignal) => Promise<T>): Promise<T> {
    return orLedgerFault(doing, async () => act(await (container ??= open()), AbortSignal.timeout(timeoutMs)));
  }

  function readDocument(path: string): Promise<unknown> {
    return run(`read document ${path}`, async (blobs, abortSignal) => {
      try {
        const answer = await blobs.getBlobClient(path).download(0, undefined, { abortSignal });
        return parseDocument(path, await readBounded(path, answer.readableStreamBody));
      } catch (error) {
        // A missing *container* is 404 too, and must not look like "no such document".
        if (restFailureOf(error).code === 'BlobNotFound') return undefined;
        throw error;
      }
    });
  }

  async function namesOf(repairId: string): Promise<string[]> {
    checkRepairId(repairId);
    return run(`list documents of ${repairId}`, (blobs, abortSignal) => listNames(blobs, repairId, abortSignal));
  }

  async function read(repairId: string, names: string[]): Promise<ReadDocuments> {
    const unreadable: UnreadableRow[] = [];
    const documents = await Promise.all(
      names.map(async (name) => {
        const place = documentPath(repairId, name);
        try {
          return [[name, await readDocument(place)] as const];
        } catch (error) {
          if (!isUnreadable(error)) throw error;
          unreadable.push({ place, rowKey: name, problem: error.message });
          return [];
        }
      }),
    );
    return { documents: Object.fromEntries(documents.flat()), unreadable };
  }

  return {
    create: () =>
      run('create the container', async (blobs, abortSignal) => {
        await blobs.createIfNotExists({ abortSignal });
      }),

    putDocument: async (repairId, name, document) => {
      checkRepairId(repairId);
      if (!namePattern.test(name)) {
        throw new LedgerInputError(
          `${quote(name)} can't name a document. Use 1 to 100 lower-case letters, digits and hyphens.`,
        );
      }
      const path = documentPath(repairId, name);
      const body = serialise(path, document);
      await run(`write document ${path}`, (blobs, abortSignal) =>
        blobs.getBlockBlobClient(path).upload(body, body.length, {
          abortSignal,
          blobHTTPHeaders: { blobContentType: 'application/json' },
        }),
      );
    },

    writeAndReadBlob: async () => {
      const path = 'self-test.json';
      const body = Buffer.from(JSON.stringify({ at: new Date().toISOString() }));
      await run('write a blob of its own', (blobs, abortSignal) =>
        blobs.getBlockBlobClient(path).upload(body, body.length, { abortSignal }),
      );
      if ((await readDocument(path)) === undefined) {
        throw new LedgerFault('A blob that was just written is not there.', { code: 'WrittenBlobMissing' });
      }
    },

    getDocument: async (repairId, name) => {
      if (!isRepairId(repairId) || !namePattern.test(name)) return undefined;
      return readDocument(documentPath(repairId, name));
    },

    readAll: async (repairId) =>
      read(
        repairId,
        (await namesOf(repairId)).filter((name) => !name.startsWith(rawAnswerPrefix)),
      ),

    readWhole: async (repairId) => read(repairId, await namesOf(repairId)),

    removeAll: async (repairId) => {
      for (const name of await namesOf(repairId)) {
        const path = documentPath(repairId, name);
        await run(`delete document ${path}`, (blobs, abortSignal) =>
          blobs.getBlobClient(path).deleteIfExists({ abortSignal }),
        );
      }
    },
  };
}

function documentPath(repairId: string, name: string): string {
  return `repairs/${repairId}/${name}.json`;
}

async function listNames(blobs: ContainerClient, repairId: string, abortSignal: AbortSignal): Promise<string[]> {
  const prefix = `repairs/${repairId}/`;
  const names: string[] = [];
  for await (const blob of blobs.listBlobsFlat({ prefix, abortSignal })) {
    const name = blob.name.slice(prefix.length).replace(/\.json$/, '');
    const isDocument = namePattern.test(name) && blob.name === documentPath(repairId, name);
    if (isDocument) names.push(name);
  }
  return names;
}

function serialise(path: string, document: unknown): Buffer {
  const body = Buffer.from(stringify(path, document) ?? '');
  if (body.length === 0) throw new LedgerInputError(`Document ${path} is undefined or a function, not JSON.`);
  if (body.length > maxDocumentBytes) {
    throw new LedgerInputError(`Document ${path} has ${body.length} bytes; at most ${maxDocumentBytes} are kept.`);
  }
  return body;
}

function stringify(path: string, document: unknown): string | undefined {
  try {
    // Exact once it is parsed: evidence and plans are read back. Harmless to whoever prints the blob.
    return plainJson(document);
  } catch (error) {
    throw new LedgerInputError(`Document ${path} can't be written as JSON.`, { cause: error });
  }
}

/** Reads no more than a document may have: whoever can write to the container must not be able to exhaust us. */
async function readBounded(path: string, stream: NodeJS.ReadableStream | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxDocumentBytes) throw unreadable(path, `it has more than ${maxDocumentBytes} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseDocument(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable(path, 'it is not JSON');
  }
}

function unreadable(path: string, why: string): LedgerFault {
  return new LedgerFault(`Document ${path} is not readable: ${why}.`, { code: 'UnreadableDocument', place: path });
}
