/** Reads the truth of the simulated Azure through its control API: what the guests and resources really are. */

/** A VM as it is, read from the guest and not from ARM. */
export interface VmTruth {
  name: string;
  id: string;
  osType: string;
  tags: Record<string, string>;
  powerState: string;
  /** ISO 8601; null while it is off. */
  bootedAt: string | null;
  /** How Windows was booted; null where there is no Windows or it is off. */
  bootMode: string | null;
  /** The loader that it runs from, `{guid}`. */
  bootLoader: string | null;
  addresses: string[];
  osDiskId: string;
  /** Those that its guest sees. */
  dataDisks: { lun: number; diskId: string }[];
  agentAlive: boolean;
  rdpListening: boolean;
  services: { name: string; startType: number; state: string }[];
  /** The guest's System event log. */
  events: { eventId: number; time: string; parameters: string[] }[];
}

/** A resource in the simulated Azure. */
export interface ResourceTruth {
  id: string;
  type: string;
  tags: Record<string, string>;
  /** Snapshots: whether a SAS to its bytes is out. */
  accessOpen?: boolean;
}

/** A call that ARM was asked. */
export interface ArmCall {
  /** Goes up with each call. */
  sequence: number;
  method: string;
  path: string;
  status: number;
  identity?: string;
  actions: string[];
}

/** What a VM that is added has of its own. */
export interface MoreOfVm {
  isDomainController?: boolean;
  /** That of the one it is like if not given. */
  generation?: 'V1' | 'V2';
  /** It stands in the workbench's resource group, without tags: a recovery VM of the operator's. */
  isInWorkbench?: boolean;
}

/** The control API of a running simulated Azure. */
export interface SimulatedAzure {
  vms(): Promise<VmTruth[]>;
  vm(name: string): Promise<VmTruth>;
  resources(): Promise<ResourceTruth[]>;
  /** A hash of the bytes of each disk and snapshot, or of these, by lower-cased id. */
  contents(ids?: readonly string[]): Promise<Record<string, string>>;
  /** All calls, or those whose path holds this, or those after so many. */
  calls(path?: string, since?: number): Promise<ArmCall[]>;
  /** Waits until it is so of these calls; looks whenever there is a further one. */
  untilCalls(isSo: (calls: readonly ArmCall[]) => boolean, path?: string, since?: number): Promise<void>;
  /** What time it is there (ISO 8601): local time may run faster than ours. */
  now(): Promise<string>;
  post(path: string, body: unknown): Promise<unknown>;
  /** Adds a VM like one of the fleet, with its fault. */
  addVm(name: string, like: string, more?: MoreOfVm): Promise<VmTruth>;
  patch(path: string, body: unknown): Promise<void>;
  delete(path: string): Promise<void>;
}

/** Opens the control API at this URL. Its methods throw when a call is not answered with 200. */
export function openSimulatedAzure(controlUrl: string): SimulatedAzure {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const ask = () =>
      fetch(new URL(path, controlUrl), { method, body: body === undefined ? undefined : JSON.stringify(body) });
    // A busy server may close a connection that was kept open just when it is used again: a read is asked twice.
    const response = await (method === 'GET' ? ask().catch(ask) : ask());
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} of the control API answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
  async function callsOf(path: string, since: number, wait = false): Promise<ArmCall[]> {
    const query = `path=${encodeURIComponent(path)}&since=${since}&wait=${wait}`;
    return (await call<{ calls: ArmCall[] }>('GET', `/calls?${query}`)).calls;
  }
  return {
    vms: async () => (await call<{ vms: VmTruth[] }>('GET', '/vms')).vms,
    vm: (name) => call<VmTruth>('GET', `/vms/${name}`),
    resources: async () => (await call<{ resources: ResourceTruth[] }>('GET', '/resources')).resources,
    contents: async (ids = []) => {
      const query = ids.map((id) => `id=${encodeURIComponent(id)}`).join('&');
      const { contents } = await call<{ contents: { id: string; sha256: string }[] }>('GET', `/contents?${query}`);
      return Object.fromEntries(contents.map(({ id, sha256 }) => [id.toLowerCase(), sha256]));
    },
    calls: (path = '', since = 0) => callsOf(path, since),
    async untilCalls(isSo, path = '', since = 0) {
      const seen: ArmCall[] = [];
      do seen.push(...(await callsOf(path, seen.at(-1)?.sequence ?? since, true)));
      while (!isSo(seen));
    },
    now: async () => (await call<{ now: string }>('GET', '/time')).now,
    post: (path, body) => call('POST', path, body),
    addVm: (name, like, more) => call<VmTruth>('POST', '/vms', { name, like, ...more }),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
  };
}
