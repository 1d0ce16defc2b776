import type { Evidence, Need } from '../../guest/evidence';
import { isPlainName } from '../../guest/plain-name';
import { comparableName, isSameName } from '../../windows/console-text';
import type { Reason } from '../define-signature';

/**
 * A service that it depends on did not start, or they depend on each other in a circle (1068, 1059): the chain, with
 * what each service does. Names of services are the same in any case: Dhcp depends on `NSI`, whose key is `nsi`.
 */

/** So many services are looked at, the nearest first. */
const mostServices = 20;
const mostCircles = 5;
const running = 4;

/** One way from the service to another that it needs: the names, itself first. */
type Chain = readonly string[];

/** What shows the chain, as far as it is known: how each service is set up and what it does. */
export function dependencyNeeds(service: string, evidence: Evidence[]): Need[] {
  return chainsFrom(service, evidence)
    .chains.map(lastOf)
    .filter(isPlainName)
    .flatMap((name): Need[] => [
      ...(configurationOf(evidence, name) ? [] : [{ kind: 'service-configuration' as const, service: name }]),
      ...(statusOf(evidence, name) ? [] : [{ kind: 'service-status' as const, service: name }]),
    ]);
}

/** The chains that end at a service that does not run, circles, and what runs. Empty if its dependencies are not known. */
export function dependencyReasons(service: string, evidence: Evidence[]): Reason[] {
  const from = configurationOf(evidence, service)?.from;
  if (!from) return [];
  const { chains, circles, isCut } = chainsFrom(service, evidence);
  const runs = chains.map(lastOf).filter((name) => statusOf(evidence, name)?.state === running);
  return [
    ...circles.map((circle) => ({ text: `They depend on each other in a circle: ${shown(circle)}.`, from })),
    ...chains.filter((chain) => !runs.includes(lastOf(chain))).map((chain) => endOf(chain, evidence, from)),
    ...(runs.length === 0 ? [] : [{ text: `Of the services that it needs, these run: ${runs.join(', ')}.`, from }]),
    ...(isCut ? [{ text: `It needs more than ${mostServices} services; the others were not looked at.`, from }] : []),
  ];
}

/** Whether the evidence says what the service depends on. */
export function areDependenciesKnown(service: string, evidence: Evidence[]): boolean {
  return configurationOf(evidence, service)?.dependsOn !== undefined;
}

/** Every service that is needed, once, by its shortest chain, and every circle that leads back into one. */
function chainsFrom(service: string, evidence: Evidence[]): { chains: Chain[]; circles: Chain[]; isCut: boolean } {
  const chains: Chain[] = [];
  const circles: Chain[] = [];
  const seen = new Set([comparableName(service)]);
  const waiting: Chain[] = [[service]];
  let isCut = false;
  for (let chain = waiting.shift(); chain; chain = waiting.shift()) {
    for (const name of configurationOf(evidence, lastOf(chain))?.dependsOn ?? []) {
      const start = chain.findIndex((one) => isSameName(one, name));
      if (start >= 0 && circles.length < mostCircles) circles.push([...chain.slice(start), chain[start] ?? name]);
      if (seen.has(comparableName(name))) continue;
      seen.add(comparableName(name));
      if (chains.length >= mostServices) isCut = true;
      else {
        chains.push([...chain, name]);
        waiting.push([...chain, name]);
      }
    }
  }
  return { chains, circles, isCut };
}

/** What is wrong at the end of a chain. */
function endOf(chain: Chain, evidence: Evidence[], from: Reason['from']): Reason {
  const name = lastOf(chain);
  if (name.startsWith('+')) return { text: `${shown(chain)}: a group of services, which is not looked into.`, from };
  const status = statusOf(evidence, name);
  if (!status) return { text: `${shown(chain)}: what it does is not known.`, from };
  if (status.state === 0) return { text: `${shown(chain)}: there is no such service.`, from: status.from };
  const configuration = configurationOf(evidence, name);
  const startType = configuration ? `, start type ${configuration.startType}` : '';
  const text = `${shown(chain)}: it does not run (state ${status.state}, exit code ${status.win32ExitCode}${startType}).`;
  return { text, from: status.from };
}

function shown(chain: Chain): string {
  return chain.join(' → ');
}

function lastOf(chain: Chain): string {
  return chain.at(-1) ?? '';
}

function configurationOf(evidence: Evidence[], name: string) {
  return evidence
    .filter((item) => item.kind === 'service-configuration')
    .find(({ service }) => isSameName(service, name));
}

function statusOf(evidence: Evidence[], name: string) {
  return evidence.filter((item) => item.kind === 'service-status').find(({ service }) => isSameName(service, name));
}
