/**
 * The control API: what no Azure has. It tells the truth about the guests, shows every call and resource, and lets a
 * test or a person break things. Plain HTTP on loopback, apart from ARM. A table of its calls is in README.md.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { now } from '../clock';
import { openWindowsDisk } from '../disk/open-volumes';
import type { StartType } from '../windows/services';
import { configureStartType } from '../windows/service-control';
import { administratorSid } from '../windows/system-log';
import type { AccessControl } from './access';
import { recordAlert } from './alerts-management';
import { idKey } from './arm-id';
import type { BlobReadLog } from './blob/read-log';
import type { SignedAccess } from './blob/signed-access';
import type { CallLog } from './call-log';
import { attachedDisks } from './compute/attached-disks';
import { bootedAt, isAgentAlive, readGuest, restart, type Machine } from './compute/machine';
import { changeNetworkAccess, openToAll } from './compute/network-access';
import { startMachine, stopMachine } from './compute/power';
import { readPolicy } from './authorization/policies';
import {
  addDenyAssignment,
  addLock,
  assignRole,
  beginOperation,
  overwrite,
  setCapacity,
  drainTokens,
  setModel,
  tokensOf,
  withdrawRoles,
} from './control-levers';
import { faultProblem, type Fault, type Faults } from './faults';
import { keepingConnections } from './keeping-connections';
import { isShutToAll } from './network/effective-rules';
import { readPlantedRule } from './network/security-rule';
import { omissionProblem, type Omission, type Omissions } from './omissions';
import type { Throttling } from './throttling';
import { addMachine, byKeyOf, removeMachine, type World } from './world';

interface ControlOptions {
  world: World;
  calls: CallLog;
  reads: BlobReadLog;
  signedAccess: SignedAccess;
  faults: Faults;
  omissions: Omissions;
  access: AccessControl;
  throttling: Throttling;
}

interface Answer {
  status: number;
  body: unknown;
}

/** The server, not yet listening. */
export function createControlApi(options: ControlOptions): Server {
  const server = createServer((request, response) => {
    void answerTo(options, request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(`${JSON.stringify(body, null, 2)}\n`);
    });
  });
  return keepingConnections(server);
}

async function answerTo(options: ControlOptions, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [first = '', second, third] = url.pathname.split('/').filter((part) => part !== '');
  try {
    const body = await readJson(request);
    const call = `${request.method ?? 'GET'} /${first}`;
    if (first === 'vms' && second !== undefined)
      return await onMachine(options, { request, name: second, verb: third, body });
    return await onWorld(options, call, { url, second, body });
  } catch (error) {
    return problem(400, error instanceof Error ? error.message : String(error));
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as unknown);
}

function problem(status: number, message: string): Answer {
  return { status, body: { message } };
}

const done: Answer = { status: 200, body: { done: true } };

async function onWorld(
  { world, calls, reads, signedAccess, faults, omissions, access }: ControlOptions,
  call: string,
  { url, second, body }: { url: URL; second: string | undefined; body: unknown },
): Promise<Answer> {
  switch (call) {
    case 'POST /vms':
      return addLike(world, body);
    case 'GET /vms':
      return {
        status: 200,
        body: { vms: [...world.machines.values()].map((machine) => truthOf(world, machine)) },
      };
    case 'GET /time':
      return { status: 200, body: { now: new Date(now()).toISOString() } };
    case 'POST /alerts':
      recordAlert(world, body);
      return done;
    case 'GET /resources':
      return { status: 200, body: { resources: listResources(world, signedAccess) } };
    case 'GET /contents':
      return { status: 200, body: { contents: listContents(world, url.searchParams.getAll('id')) } };
    case 'GET /calls': {
      const about = url.searchParams.get('path')?.toLowerCase() ?? '';
      const since = Number(url.searchParams.get('since') ?? 0);
      const isAbout = ({ path }: { path: string }) => path.toLowerCase().includes(about);
      const isAwaited = url.searchParams.get('wait') === 'true';
      const found = isAwaited ? await calls.next(since, isAbout) : calls.since(since).filter(isAbout);
      return { status: 200, body: { calls: found } };
    }
    case 'GET /blob-reads':
      return { status: 200, body: { reads: reads.since(Number(url.searchParams.get('since') ?? 0)) } };
    case 'POST /faults': {
      const wrong = faultProblem(body);
      if (wrong) return problem(400, wrong);
      faults.plant(body as Fault);
      return done;
    }
    case 'DELETE /faults':
      faults.clear(url.searchParams.get('pathContains') ?? undefined);
      return done;
    case 'POST /omissions': {
      const wrong = omissionProblem(body);
      if (wrong) return problem(400, wrong);
      omissions.plant(body as Omission);
      return done;
    }
    case 'DELETE /omissions':
      omissions.clear(url.searchParams.get('pathContains') ?? undefined);
      return done;
    case 'POST /operations':
      beginOperation(world, body);
      return done;
    case 'PATCH /serial-console': {
      const { disabled } = body as { disabled?: unknown };
      if (typeof disabled !== 'boolean')
        return problem(400, 'The body must be {"disabled":true} or {"disabled":false}.');
      world.serialConsole.disabled = disabled;
      return done;
    }
    case 'POST /roles': {
      const { action } = body as { action?: unknown };
      if (second === 'assign' || second === 'withdraw') {
        (second === 'assign' ? assignRole : withdrawRoles)(access, body);
        return done;
      }
      if (second !== 'remove-action' || typeof action !== 'string') {
        return problem(400, 'POST /roles/remove-action needs {"action":"Microsoft.Compute/…"}.');
      }
      access.removeAction(action);
      return done;
    }
    case 'POST /locks':
      addLock(world, body);
      return done;
    case 'DELETE /locks':
      world.obstacles.locks.length = 0;
      return done;
    case 'POST /deny-assignments':
      addDenyAssignment(world, body);
      return done;
    case 'DELETE /deny-assignments':
      world.obstacles.denyAssignments.length = 0;
      return done;
    case 'POST /policies':
      world.policies.push(readPolicy(body));
      return done;
    case 'DELETE /policies':
      world.policies.length = 0;
      return done;
    case 'PATCH /capacity':
      setCapacity(world, body);
      return done;
    case 'DELETE /roles':
      access.restoreActions();
      return done;
    default:
      return problem(404, `There is no ${call}. See local/azure/README.md.`);
  }
}

interface MachineCall {
  request: IncomingMessage;
  name: string;
  verb: string | undefined;
  body: unknown;
}

async function onMachine({ world, throttling }: ControlOptions, call: MachineCall): Promise<Answer> {
  const machine = [...world.machines.values()].find(({ name }) => name.toLowerCase() === call.name.toLowerCase());
  if (!machine) return problem(404, `There is no VM "${call.name}".`);
  switch (`${call.request.method ?? 'GET'} ${call.verb ?? ''}`.trim()) {
    case 'DELETE':
      removeMachine(world, machine);
      return done;
    case 'GET':
      return { status: 200, body: truthOf(world, machine) };
    case 'POST restart':
      return powerAnswer(await restart(machine));
    case 'POST power-off':
      return powerAnswer(await stopMachine(world, machine, 'stopped'));
    case 'POST deallocate':
      return powerAnswer(await stopMachine(world, machine, 'deallocated'));
    case 'POST start':
      return powerAnswer(await startMachine(world, machine));
    case 'GET tokens':
      return { status: 200, body: tokensOf(throttling, machine.id) };
    case 'PATCH tokens':
      drainTokens(throttling, machine.id, call.body);
      return done;
    case 'PATCH tags':
      return patchTags(world, machine, call.body);
    case 'POST overwrite':
      overwrite(attachedDisks(world, machine), call.body);
      return done;
    case 'PATCH model':
      setModel(machine, call.body);
      return done;
    case 'PATCH os-disk':
      return patchOsDisk(world, machine, call.body);
    case 'POST guest-service':
      return changeService(world, machine, call.body);
    case 'POST agent':
      return setAgent(world, machine, call.body);
    case 'PATCH boot-diagnostics':
      return setBootDiagnostics(machine, call.body);
    case 'PATCH network':
      return changeNetwork(world, machine, call.body);
    case 'POST security-rules':
      return plantRule(world, machine, call.body);
    case 'DELETE security-rules':
      return uprootRules(world, machine);
    default:
      return problem(404, `There is no such call on a VM. See local/azure/README.md.`);
  }
}

/** A further VM, made like one of the fleet and with its fault. */
function addLike(world: World, body: unknown): Answer {
  const { name, like, isDomainController, generation, isInWorkbench } = body as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,59}$/.test(name)) {
    return problem(400, 'The body must be {"name":"vm-new","like":"<a VM of the fleet>"}.');
  }
  const member = world.fleet.machines.find((one) => one.name === like);
  if (!member) return problem(404, `The fleet has no VM "${String(like)}".`);
  if ([...world.machines.values()].some((machine) => machine.name === name)) return problem(409, 'The name is taken.');
  const machine = addMachine(world, {
    ...member,
    name,
    isDomainController: isDomainController === true,
    ...(generation === 'V1' || generation === 'V2' ? { generation } : {}),
    ...(isInWorkbench === true ? { resourceGroup: world.fleet.workbenchResourceGroup, tags: {} } : {}),
  });
  return { status: 200, body: truthOf(world, machine) };
}

function powerAnswer(isDone: boolean): Answer {
  return isDone ? done : problem(409, 'Another power operation is running on this VM.');
}

/** Merges tags; a null takes one away. */
function patchTags(world: World, machine: Machine, body: unknown): Answer {
  const given = (body as { tags?: Record<string, string | null> }).tags;
  if (!given) return problem(400, 'The body must be {"tags":{"name":"value or null"}}.');
  const merged = { ...machine.tags, ...given };
  machine.tags = Object.fromEntries(
    Object.entries(merged).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  );
  return { status: 200, body: truthOf(world, machine) };
}

/** The owner decides who may fetch the bytes of the VM's OS disk and how many VMs may have it, Azure is busy with it, or drive C: is full. */
function patchOsDisk(world: World, machine: Machine, body: unknown): Answer {
  const disk = world.disks.get(idKey(machine.model.osDisk.diskId));
  if (!disk) return problem(404, 'The VM has no disk.');
  const changed = changeNetworkAccess(disk.network ?? openToAll, body as Record<string, unknown>);
  if (!changed.ok) return problem(400, JSON.stringify(changed.response.body));
  disk.network = changed.value;
  const { maxShares, provisioningState, zones, diskEncryptionSet, freeBytes } = body as {
    freeBytes?: number;
    zones?: string[];
    diskEncryptionSet?: string;
    maxShares?: number;
    provisioningState?: typeof disk.provisioningState;
  };
  if (zones !== undefined) disk.zones = zones;
  if (diskEncryptionSet !== undefined) disk.encryption = byKeyOf(world, diskEncryptionSet);
  if (maxShares !== undefined) disk.maxShares = maxShares;
  if (provisioningState !== undefined) disk.provisioningState = provisioningState;
  if (freeBytes !== undefined) openWindowsDisk(disk.bytes).windows.fill(freeBytes);
  return { status: 200, body: { id: disk.id, ...disk.network } };
}

/** A person in the guest: sets a start type, starts or stops a service. */
function changeService(world: World, machine: Machine, body: unknown): Answer {
  const { service, startType, state } = body as { service?: unknown; startType?: unknown; state?: unknown };
  const { guest } = machine;
  if (!guest) return problem(409, 'This VM has no simulated guest.');
  if (typeof service !== 'string' || !guest.configuration(service)) return problem(404, 'There is no such service.');
  const at = Date.now();
  if (startType !== undefined) {
    if (!isStartType(startType)) return problem(400, 'startType must be a number from 0 to 4.');
    configureStartType(guest, { service, start: startType, userSid: administratorSid, at });
  }
  if (state !== undefined && state !== 'running' && state !== 'stopped') {
    return problem(400, 'state must be "running" or "stopped".');
  }
  const error =
    state === 'running' ? guest.start(service, at) : state === 'stopped' ? guest.stop(service, at, true) : 0;
  if (error !== 0) return problem(409, `Windows answered error ${error}.`);
  return { status: 200, body: truthOf(world, machine) };
}

function isStartType(value: unknown): value is StartType {
  return typeof value === 'number' && [0, 1, 2, 3, 4].includes(value);
}

function setAgent(world: World, machine: Machine, body: unknown): Answer {
  const { alive } = body as { alive?: unknown };
  if (typeof alive !== 'boolean') return problem(400, 'The body must be {"alive":true} or {"alive":false}.');
  if (!machine.guest) return problem(409, 'This VM has no simulated guest.');
  machine.guest.setAgentHealth(alive);
  return { status: 200, body: truthOf(world, machine) };
}

function setBootDiagnostics(machine: Machine, body: unknown): Answer {
  const { enabled } = body as { enabled?: unknown };
  if (typeof enabled !== 'boolean') return problem(400, 'The body must be {"enabled":true} or {"enabled":false}.');
  machine.bootDiagnostics = enabled;
  return done;
}

/** Somebody who may change the network adds a rule to the VM's security group, or replaces one of the same name. */
function plantRule(world: World, machine: Machine, body: unknown): Answer {
  const group = securityGroupOf(world, machine);
  const planted = readPlantedRule(body);
  if (!group) return problem(404, 'The VM has no network security group.');
  if (!planted.ok) return problem(400, planted.problem);
  group.rules = [...group.rules.filter(({ name }) => name !== planted.rule.name), planted.rule];
  return { status: 200, body: { id: group.id, rules: group.rules } };
}

/** Takes every rule away but the one that lets RDP or a shell in. */
function uprootRules(world: World, machine: Machine): Answer {
  const group = securityGroupOf(world, machine);
  if (!group) return problem(404, 'The VM has no network security group.');
  group.rules = group.rules.filter(({ name }) => name.startsWith('default-allow-'));
  return { status: 200, body: { id: group.id, rules: group.rules } };
}

/** The VM's security group is taken from its interface or put back, and its public address is of a SKU. */
function changeNetwork(world: World, machine: Machine, body: unknown): Answer {
  const { hasSecurityGroup, publicAddressSku } = body as Record<string, unknown>;
  const nic = interfaceOf(world.network, machine);
  if (!nic) return problem(404, 'The VM has no network interface.');
  const group = [...world.network.securityGroups.values()].find(({ name }) => name === `${machine.name}-nsg`);
  if (hasSecurityGroup !== undefined) nic.securityGroupId = hasSecurityGroup === true ? group?.id : undefined;
  const address = world.network.publicAddresses.get(idKey(nic.publicAddressId ?? ''));
  if (publicAddressSku === 'Basic' || publicAddressSku === 'Standard') {
    if (!address) return problem(404, 'The VM has no public address.');
    address.sku = publicAddressSku;
  }
  return {
    status: 200,
    body: { securityGroupId: nic.securityGroupId ?? null, publicAddressSku: address?.sku ?? null },
  };
}

function securityGroupOf({ network }: World, machine: Machine) {
  return network.securityGroups.get(idKey(interfaceOf(network, machine)?.securityGroupId ?? ''));
}

function interfaceOf({ interfaces }: World['network'], machine: Machine) {
  return [...interfaces.values()].find(({ machineId }) => machineId === machine.id);
}

/** What is so, read from the guest and not from ARM. */
function truthOf(world: World, machine: Machine): object {
  const at = Date.now();
  const { network } = world;
  const { guest } = machine;
  const up = bootedAt(machine);
  const addresses = guest ? guest.addresses(at) : machine.power === 'running' ? [machine.address] : [];
  const isListening = readGuest(machine, (one) => one.isRdpListening(at)) ?? false;
  const nic = interfaceOf(network, machine);
  const rdpPort = readGuest(machine, (one) => one.rdpPort());
  const isShut = nic !== undefined && isShutToAll(network, nic, rdpPort ?? 3389);
  return {
    name: machine.name,
    id: machine.id,
    resourceGroup: machine.resourceGroup,
    osType: machine.osType,
    tags: machine.tags,
    powerState: machine.power,
    bootedAt: up === undefined ? null : new Date(up).toISOString(),
    bootMode: guest?.bootedAt() === undefined ? null : (guest.safeMode() ?? 'normal'),
    bootLoader: guest?.bootLoader() ?? null,
    bootFailure: guest?.bootFailure() ?? null,
    computerName: readGuest(machine, (one) => one.computerName()) ?? machine.name,
    addresses,
    agentAlive: isAgentAlive(machine, at),
    osDiskId: machine.model.osDisk.diskId,
    dataDisks: attachedDisks(world, machine).map(({ lun, diskId, size }) => ({ lun, diskId, size })),
    rdpPort: rdpPort ?? null,
    rdpListening: isListening,
    rdpReachable: isListening && addresses.length > 0 && !isShut,
    services: (readGuest(machine, (one) => one.configurations()) ?? []).map((service) => ({
      name: service.name,
      displayName: service.displayName,
      startType: service.start,
      state: guest?.status(service.name, at).state ?? 'STOPPED',
    })),
    events: readGuest(machine, ({ content }) => content.events())?.map(({ eventId, at: time, data }) => ({
      eventId,
      time: new Date(time).toISOString(),
      parameters: data.map(({ value }) => String(value)),
    })),
  };
}

/** A hash of everything that is on each disk and snapshot, or on those that are asked for: two that are alike hold the same bytes. */
function listContents({ disks, snapshots }: World, ids: string[]): object[] {
  const wanted = new Set(ids.map(idKey));
  const all = [...disks.values(), ...snapshots.values()];
  return all
    .filter(({ id }) => wanted.size === 0 || wanted.has(idKey(id)))
    .map(({ id, bytes }) => ({ id, sha256: bytes.contentHash() }));
}

function listResources(world: World, signedAccess: SignedAccess): object[] {
  const machines = [...world.machines.values()];
  const of = (type: string, resources: Iterable<{ id: string; tags: Record<string, string> }>) =>
    [...resources].map(({ id, tags }) => ({ id, type: `Microsoft.${type}`, tags }));
  const runCommands = machines.flatMap((machine) =>
    [...machine.runCommands.values()].map(({ name, tags }) => ({ id: `${machine.id}/runCommands/${name}`, tags })),
  );
  return [
    ...of('Compute/virtualMachines', machines),
    ...of('Compute/virtualMachines/runCommands', runCommands),
    ...of('Compute/disks', world.disks.values()),
    ...of('Network/networkInterfaces', world.network.interfaces.values()),
    ...of('Network/networkSecurityGroups', world.network.securityGroups.values()),
    ...of('Network/publicIPAddresses', world.network.publicAddresses.values()),
    ...of('Network/virtualNetworks', world.network.virtualNetworks.values()),
    ...[...world.snapshots.values()].map((snapshot) => ({
      ...{ id: snapshot.id, type: 'Microsoft.Compute/snapshots', tags: snapshot.tags },
      accessOpen: signedAccess.isOpen(snapshot),
    })),
  ];
}
