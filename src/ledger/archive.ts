/**
 * The archive: what is purged from the tables and documents is kept there first, as JSON blobs in a container of its own. Each is named by the hash
 * of what it holds and written once, so that nothing in it is ever written over; what is written is read again before anything rests on it.
 */
import type { ContainerClient } from '@azure/storage-blob' with { 'resolution-mode': 'import' };
import { createHash } from 'node:crypto';
import { plainJson } from '../plain-characters';
import { LedgerFault } from './errors';
import { orLedgerFault, restFailureOf } from './store-failures';

/** Far above what a repair has on record: some dozens of rows, and documents of at most 4 MiB each. */
const maxExportBytes = 128 * 1024 * 1024;

export interface Archive {
  /** Creates the container if it is missing. */
  create(): Promise<void>;
  /** Writes `content` below `folder` and reads it again; gives its path. Repeated, nothing is written. Throws a LedgerFault if it is not there as it was written. */
  keep(folder: string, content: unknown): Promise<string>;
  read(path: string): Promise<unknown>;
  /** The path of what was kept last below `folder`, if anything was. */
  newestIn(folder: string): Promise<string | undefined>;
}

/** The archive behind `open`, which is called once, when the first verb is used. No operation takes longer than `timeoutMs`. */
export function openArchive(open: () => Promise<ContainerClient>, timeoutMs: number): Archive {
  let container: Promise<ContainerClient> | undefined;

  function run<T>(doing: string, act: (container: ContainerClient, signal: AbortSignal) => Promise<T>): Promise<T> {
    return orLedgerFault(doing, async () => act(await (container ??= open()), AbortSignal.timeout(timeoutMs)));
  }

  async function readBytes(path: string): Promise<Buffer> {
    const bytes = await run(`read export ${path}`, async (blobs, abortSignal) => {
      const { readableStreamBody } = await blobs.getBlobClient(path).download(0, undefined, { abortSignal });
      return readBounded(readableStreamBody);
    });
    if (bytes && path.endsWith(`/${sha256(bytes)}.json`)) return bytes;
    throw new LedgerFault(`Export ${path} does not hold what was written.`, {
      code: 'UnreadableDocument',
      place: path,
    });
  }

  return {
    create: () =>
      run('create the archive', async (blobs, abortSignal) => {
        await blobs.createIfNotExists({ abortSignal });
      }),

    keep: async (folder, content) => {
      const body = Buffer.from(plainJson(content) ?? 'null');
      if (body.length > maxExportBytes) {
        throw new LedgerFault(`What is to be exported to ${folder} has ${body.length} bytes.`, {
          code: 'ExportTooLarge',
        });
      }
      const path = `${folder}/${sha256(body)}.json`;
      await run(`write export ${path}`, async (blobs, abortSignal) => {
        try {
          await blobs.getBlockBlobClient(path).upload(body, body.length, {
            ...{ abortSignal, conditions: { ifNoneMatch: '*' } },
            blobHTTPHeaders: { blobContentType: 'application/json' },
          });
        } catch (error) {
          // Written by a round that died after it.
          if (restFailureOf(error).code !== 'BlobAlreadyExists') throw error;
        }
      });
      await readBytes(path);
      return path;
    },

    read: async (path) => JSON.parse((await readBytes(path)).toString('utf8')) as unknown,

    newestIn: (folder) =>
      run(`list exports in ${folder}`, async (blobs, abortSignal) => {
        let newest: { name: string; at: number } | undefined;
        for await (const { name, properties } of blobs.listBlobsFlat({ prefix: `${folder}/`, abortSignal })) {
          const at = properties.lastModified.getTime();
          if (newest === undefined || at >= newest.at) newest = { name, at };
        }
        return newest?.name;
      }),
  };
}

/** Undefined if there is more than an export may have. */
async function readBounded(stream: NodeJS.ReadableStream | undefined): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxExportBytes) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
