import {
  covers,
  difference,
  everybody,
  intersection,
  isEmpty,
  nobody,
  parseAddresses,
  union,
  type AddressSet,
} from './address-set';

/**
 * From where network security groups let a TCP connection reach an address: pure, over the effective rules that Azure
 * gives for a network interface. https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
 */

/** An effective rule, in Azure's own words; each list as it was given, none of them empty for what Azure said nothing of. */
export interface SecurityRule {
  name: string;
  direction: string;
  access: string;
  protocol: string;
  priority: number;
  /** Addresses, prefixes, `*`, or a service tag. */
  sources: readonly string[];
  /** What a tag among the sources stands for, where Azure told. */
  expandedSources: readonly string[];
  sourcePorts: readonly string[];
  destinations: readonly string[];
  expandedDestinations: readonly string[];
  destinationPorts: readonly string[];
}

/** The rules of one group, on the interface or on its subnet. A connection must be let through by every group. */
export interface SecurityGroup {
  /** ARM id. */
  id: string;
  rules: readonly SecurityRule[];
}

/** A rule that turns connections away. */
export interface BlockingRule {
  groupId: string;
  rule: string;
  priority: number;
}

export type Reach =
  /**
   * `from`: the rules' own sources, `everywhere` if nobody is left out. `groups`: 0 if no group applies. `internet`: closed by the public
   * address itself, which no group opens.
   */
  | { kind: 'open'; from: string[]; groups: number; internet?: 'closed' }
  /** Nobody gets through, whatever the unknown parts of the rules are. The rule that denies most comes first. */
  | { kind: 'blocked'; by: BlockingRule[] }
  | { kind: 'unknown'; why: string };

/** What is asked for: a TCP connection to this port of this private IPv4 address (any, if it is not known). */
export interface Destination {
  port: number;
  address?: string;
  /** The public address before it; none if not given. It counts where no group applies. */
  publicAddress?: PublicAddressKind;
}

/**
 * By its SKU. "Secure by default model and be closed to inbound traffic when used as a frontend. Allow traffic with network security group
 * (NSG) is required" of a Standard one; "open by default" of a Basic one:
 * https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
 */
export type PublicAddressKind = 'basic' | 'standard' | 'not-told';

/**
 * Azure's own probes come from here, and nobody else: a rule that lets only them through lets no client through.
 * https://learn.microsoft.com/azure/virtual-network/service-tags-overview (AzureLoadBalancer)
 */
const platform = parseAddresses('168.63.129.16') ?? nobody;
const clients = difference(everybody, platform);

/** From where the groups together let the connection through. */
export function reachOf(groups: readonly SecurityGroup[], destination: Destination): Reach {
  if (groups.length === 0 && destination.publicAddress !== undefined) return withoutGroups(destination.publicAddress);
  const layers = groups.map((group) => weigh(group, destination));
  const possible = layers.reduce((left, layer) => intersection(left, layer.possible), clients);
  const certain = layers.reduce((left, layer) => intersection(left, layer.certain), clients);
  if (isEmpty(possible)) return { kind: 'blocked', by: blockersOf(layers) };
  if (isEmpty(certain)) {
    return { kind: 'unknown', why: 'What the rules let through depends on sources that Azure did not spell out.' };
  }
  return { kind: 'open', from: namesOf(certain, layers), groups: groups.length };
}

function withoutGroups(publicAddress: PublicAddressKind): Reach {
  switch (publicAddress) {
    case 'basic':
      return { kind: 'open', from: ['everywhere'], groups: 0 };
    case 'standard':
      return { kind: 'open', from: ['VirtualNetwork'], groups: 0, internet: 'closed' };
    case 'not-told':
      return {
        kind: 'unknown',
        why: 'No group applies, and the SKU of the public address, which decides then, was not told.',
      };
  }
}

interface Layer {
  /** Whoever gets through for certain, and whoever may. */
  certain: AddressSet;
  possible: AddressSet;
  allowed: { names: readonly string[]; addresses: AddressSet }[];
  denied: { rule: BlockingRule; names: readonly string[]; addresses: AddressSet }[];
}

/**
 * One group: the first rule that matches decides. What is not known of a rule counts both ways, so that nobody is called
 * shut out, or let in, who may not be.
 */
function weigh(group: SecurityGroup, destination: Destination): Layer {
  const layer: Layer = { certain: nobody, possible: nobody, allowed: [], denied: [] };
  // Those for whom no rule has decided yet: surely, and perhaps.
  let surely = clients;
  let perhaps = clients;
  for (const rule of group.rules.toSorted((one, other) => one.priority - other.priority)) {
    const match = matchOf(rule, destination);
    if (isEmpty(match.possible)) continue;
    if (rule.access.toLowerCase() === 'deny') {
      const addresses = intersection(perhaps, match.certain);
      const place = { groupId: group.id, rule: rule.name, priority: rule.priority };
      if (!isEmpty(addresses)) layer.denied.push({ rule: place, names: rule.sources, addresses });
    } else {
      const addresses = intersection(surely, match.certain);
      layer.certain = union(layer.certain, addresses);
      layer.possible = union(layer.possible, intersection(perhaps, match.possible));
      if (!isEmpty(addresses)) layer.allowed.push({ names: rule.sources, addresses });
    }
    perhaps = difference(perhaps, match.certain);
    surely = difference(surely, match.possible);
  }
  // Every group of Azure's ends by denying the rest; if this one does not, we were not told everything.
  layer.possible = union(layer.possible, perhaps);
  return layer;
}

interface Match {
  certain: AddressSet;
  possible: AddressSet;
}

type Certainty = 'yes' | 'perhaps' | 'no';

const noMatch: Match = { certain: nobody, possible: nobody };

/** Whose connections the rule is about. */
function matchOf(rule: SecurityRule, { port, address }: Destination): Match {
  const access = rule.access.toLowerCase();
  const certainties: Certainty[] = [
    rule.direction.toLowerCase() === 'inbound' ? 'yes' : 'no',
    protocolMatch(rule.protocol),
    portMatch(rule.destinationPorts, port),
    destinationMatch(rule, address),
    // A client's own port can be any: a rule for some of them is about some connections of everybody.
    rule.sourcePorts.some(isEveryPort) ? 'yes' : 'perhaps',
    access === 'allow' || access === 'deny' ? 'yes' : 'perhaps',
  ];
  if (certainties.includes('no')) return noMatch;
  const sources = addressesOf(rule.sources, rule.expandedSources);
  return certainties.includes('perhaps') ? { certain: nobody, possible: sources.possible } : sources;
}

function protocolMatch(protocol: string): Certainty {
  const name = protocol.toLowerCase();
  if (['tcp', 'all', '*'].includes(name)) return 'yes';
  return ['udp', 'icmp', 'esp', 'ah', 'icmpv6'].includes(name) ? 'no' : 'perhaps';
}

const portRange = /^(\d{1,5})(?:-(\d{1,5}))?$/;

function portMatch(ranges: readonly string[], port: number): Certainty {
  const matches = ranges.map((range): Certainty => {
    if (isEveryPort(range)) return 'yes';
    const [whole, first, last = first] = portRange.exec(range) ?? [];
    if (whole === undefined) return 'perhaps';
    return port >= Number(first) && port <= Number(last) ? 'yes' : 'no';
  });
  return strongest(matches);
}

function isEveryPort(range: string): boolean {
  return range === '*' || range === '0-65535';
}

function destinationMatch(rule: SecurityRule, address: string | undefined): Certainty {
  const { certain, possible } = addressesOf(rule.destinations, rule.expandedDestinations);
  const wanted = address === undefined ? undefined : parseAddresses(address);
  if (wanted === undefined) return covers(certain, everybody) ? 'yes' : 'perhaps';
  if (covers(certain, wanted)) return 'yes';
  return isEmpty(intersection(possible, wanted)) ? 'no' : 'perhaps';
}

function strongest(matches: readonly Certainty[]): Certainty {
  if (matches.includes('yes')) return 'yes';
  // Nothing said is nothing known.
  return matches.includes('perhaps') || matches.length === 0 ? 'perhaps' : 'no';
}

/** The addresses that a rule's list stands for. A tag that Azure did not spell out may be anybody. */
function addressesOf(given: readonly string[], expanded: readonly string[]): Match {
  const listed = expanded.length > 0 ? [...expanded, ...given.filter(isAddress)] : given;
  const sets = listed.map((text) => {
    if (text === '*') return everybody;
    // This is about IPv4: an IPv6 prefix matches none of it.
    return text.includes(':') ? nobody : parseAddresses(text);
  });
  const certain = union(...sets.filter((set) => set !== undefined));
  const isWhole = sets.length > 0 && !sets.includes(undefined);
  return { certain, possible: isWhole ? certain : everybody };
}

function isAddress(text: string): boolean {
  return text === '*' || text.includes(':') || parseAddresses(text) !== undefined;
}

/** Who turns connections away, the one that turns away most first. */
function blockersOf(layers: readonly Layer[]): BlockingRule[] {
  // A group that shuts everybody out explains it alone; otherwise it is what the groups leave together.
  const closed = layers.filter(({ possible }) => isEmpty(possible));
  const denials = (closed.length > 0 ? closed : layers).flatMap(({ denied }) => denied);
  return denials
    .toSorted((one, other) => sizeOf(other.addresses) - sizeOf(one.addresses))
    .map(({ rule }) => rule)
    .slice(0, 8);
}

function sizeOf(set: AddressSet): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The sources, by the names that the rules give them. A name that takes in more than gets through says nothing. */
function namesOf(certain: AddressSet, layers: readonly Layer[]): string[] {
  if (covers(certain, clients)) return ['everywhere'];
  const names = layers.flatMap(({ allowed }) =>
    allowed
      .filter(({ addresses }) => !isEmpty(intersection(addresses, certain)))
      .flatMap(({ names: sources }) => sources)
      .filter((name) => !isEverywhere(name)),
  );
  if (names.length > 0) return distinct(names);
  const leftOut = layers.flatMap(({ denied }) => denied.flatMap((denial) => denial.names));
  const named = distinct(leftOut.filter((name) => !isEverywhere(name)));
  return [named.length > 0 ? `everywhere but ${named.join(', ')}` : 'some addresses'];
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].slice(0, 8);
}

function isEverywhere(name: string): boolean {
  return name === '*' || name === '0.0.0.0/0';
}
