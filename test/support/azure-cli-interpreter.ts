import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import type { AzureAddresses } from '../../local/azure/start-azure';
import type { CommandEnd } from './azure-cli';

/**
 * The commands of the Azure CLI that our reports print, carried out as it carries them out: by the same calls to ARM. For machines
 * without the Azure CLI; what it does not know it refuses.
 */

type Options = ReadonlyMap<string, string[]>;
type Json = Record<string, unknown>;

const versions = { vm: '2022-08-01', disk: '2022-07-02', network: '2024-05-01' };

/** What the CLI prints on standard output. Throws for what it would end with an error for. */
type CliCommand = (arm: Arm, options: Options) => Promise<string>;

const commands: Readonly<Record<string, CliCommand>> = {
  'vm show': async (arm, options) => {
    const vm = await arm('GET', one(options, '--ids'), versions.vm);
    const query = one(options, '--query').split('.');
    const [first = '', ...rest] = query;
    // ARM has most things under properties, which the CLI leaves out.
    const found = ['properties', first, ...rest].reduce<unknown>((value, name) => (value as Json)[name], vm);
    return `${String(found)}\n`;
  },
  'vm start': (arm, options) => act(arm, one(options, '--ids'), 'start'),
  'vm stop': (arm, options) => act(arm, one(options, '--ids'), 'powerOff'),
  'vm restart': (arm, options) => act(arm, one(options, '--ids'), 'restart'),
  'vm delete': (arm, options) => remove(arm, one(options, '--ids'), versions.vm),
  'vm update': async (arm, options) => {
    const id = one(options, '--ids');
    const given = one(options, '--os-disk');
    const diskId = given.startsWith('/') ? given : id.replace(/\/virtualMachines\/[^/]+$/i, `/disks/${given}`);
    const vm = await arm('GET', id, versions.vm);
    const properties = vm.properties as Json;
    const { imageReference: _image, ...storage } = properties.storageProfile as Json;
    const osDisk = storage.osDisk as Json;
    const managedDisk = { ...(osDisk.managedDisk as Json), id: diskId };
    storage.osDisk = { ...osDisk, name: diskId.slice(diskId.lastIndexOf('/') + 1), managedDisk };
    await arm('PUT', id, versions.vm, { ...vm, properties: { ...properties, storageProfile: storage } });
    return '';
  },
  'vm run-command invoke': async (arm, options) => {
    const body = { commandId: one(options, '--command-id'), script: options.get('--scripts') ?? [], parameters: [] };
    const answer = await arm('POST', `${one(options, '--ids')}/runCommand`, versions.vm, body);
    return `${JSON.stringify(answer)}\n`;
  },
  'vm run-command delete': (arm, options) => {
    const vm = `${groupOf(options)}/providers/Microsoft.Compute/virtualMachines/${one(options, '--vm-name')}`;
    return remove(arm, `${vm}/runCommands/${one(options, '--name')}`, versions.vm);
  },
  'disk create': async (arm, options) => {
    const id = `${groupOf(options)}/providers/Microsoft.Compute/disks/${one(options, '--name')}`;
    const zone = options.get('--zone')?.[0];
    const body = {
      location: one(options, '--location'),
      sku: { name: options.get('--sku')?.[0] ?? 'Premium_LRS' },
      ...(zone === undefined ? {} : { zones: [zone] }),
      properties: {
        creationData: { createOption: 'Copy', sourceResourceId: one(options, '--source') },
        osType: options.get('--os-type')?.[0],
        hyperVGeneration: options.get('--hyper-v-generation')?.[0],
      },
    };
    await arm('PUT', id, versions.disk, body);
    return '';
  },
  'disk update': async (arm, options) => {
    const id = one(options, '--ids');
    const disk = await arm('GET', id, versions.disk);
    const [, name = ''] = /^tags\.([^.[\]]+)$/.exec(one(options, '--remove')) ?? [];
    const { [name]: removed, ...tags } = disk.tags as Record<string, string>;
    if (removed === undefined) throw new Error(`Couldn't find '${name}' in 'tags'.`);
    await arm('PUT', id, versions.disk, { ...disk, tags });
    return '';
  },
  'disk delete': (arm, options) => remove(arm, one(options, '--ids'), versions.disk),
  'snapshot delete': (arm, options) => remove(arm, one(options, '--ids'), versions.disk),
  'snapshot revoke-access': async (arm, options) => {
    await arm('POST', `${one(options, '--ids')}/endGetAccess`, versions.disk);
    return '';
  },
  'network nic delete': (arm, options) => remove(arm, one(options, '--ids'), versions.network),
};

/** Carries out the words behind `az`. */
export function createInterpreter(azure: AzureAddresses): (words: string[]) => Promise<CommandEnd> {
  const arm = connect(azure);
  return async (words) => {
    const end = words.findIndex((word) => word.startsWith('-'));
    const name = words.slice(0, end).join(' ');
    const command = commands[name];
    if (!command) return { status: 2, output: '', error: `The interpreter does not know "az ${name}".\n` };
    try {
      return { status: 0, output: await command(arm, optionsOf(words.slice(end))), error: '' };
    } catch (error) {
      return { status: 1, output: '', error: `${error instanceof Error ? error.message : String(error)}\n` };
    }
  };
}

function optionsOf(words: string[]): Options {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) options.set(word, (values = []));
    else values.push(word);
  }
  return options;
}

function one(options: Options, name: string): string {
  const [value] = options.get(name) ?? [];
  if (value === undefined) throw new Error(`the following arguments are required: ${name}`);
  return value;
}

function groupOf(options: Options): string {
  return `/subscriptions/${one(options, '--subscription')}/resourceGroups/${one(options, '--resource-group')}`;
}

async function act(arm: Arm, id: string, action: string): Promise<string> {
  await arm('POST', `${id}/${action}`, versions.vm);
  return '';
}

async function remove(arm: Arm, id: string, apiVersion: string): Promise<string> {
  await arm('DELETE', id, apiVersion);
  return '';
}

/** One call to ARM, waited for to its end; gives the resource or the result. Throws with ARM's code and message. */
type Arm = (method: string, path: string, apiVersion: string, body?: object) => Promise<Json>;

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Json;
}

function connect(azure: AzureAddresses): Arm {
  const ca = readFileSync(azure.caFile, 'utf8');

  async function token(): Promise<string> {
    const query = new URLSearchParams({
      ...{ 'api-version': '2019-08-01', resource: 'https://management.azure.com/' },
      client_id: azure.identities.operator ?? '',
    });
    const url = `${azure.identityEndpoint}?${query.toString()}`;
    const response = await fetch(url, { headers: { 'x-identity-header': azure.identityHeader } });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async function call(method: string, url: string, body?: object): Promise<Answer> {
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(url, { method, headers, ca }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const { statusCode = 0 } = response;
          resolve({
            status: statusCode,
            headers: response.headers,
            body: text === '' ? {} : (JSON.parse(text) as Json),
          });
        });
      });
      request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  return async (method, path, apiVersion, body) => {
    const begun = await call(method, `${azure.armEndpoint}${path}?api-version=${apiVersion}`, body);
    throwIfFailed(begun);
    const operation = begun.headers['azure-asyncoperation'];
    if (typeof operation !== 'string') return begun.body;
    for (;;) {
      const { body: state } = await call('GET', operation);
      if (state.status === 'Failed') throw new Error(messageOf(state.error));
      if (state.status === 'Succeeded')
        return ((state.properties as Json | undefined)?.output as Json | undefined) ?? {};
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
}

function throwIfFailed({ status, body }: Answer): void {
  if (status >= 400) throw new Error(messageOf(body.error));
}

function messageOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return `(${code}) ${message}`;
}
