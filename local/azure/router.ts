/** Finds the operation that a call means, or ARM's answer to a call that means none. */
import {
  invalidApiVersion,
  invalidResourceNamespace,
  invalidResourceType,
  missingApiVersion,
  noRegisteredProvider,
  type ArmResponse,
} from './arm-errors';
import type { ArmOperation, ResourceProvider } from './resource-provider';

type Route =
  | { kind: 'found'; operation: ArmOperation; segments: Record<string, string>; apiVersion: string }
  | { kind: 'refused'; response: ArmResponse };

export type Router = (method: string, path: string, query: URLSearchParams) => Route;

export function createRouter(providers: readonly ResourceProvider[], location: string): Router {
  const operations = providers.flatMap((provider) => provider.operations);
  const namespaces = new Set(providers.map((provider) => provider.namespace.toLowerCase()));
  const knownVersions = [...new Set(operations.flatMap((operation) => operation.apiVersions))].sort();

  return (method, path, query) => {
    const apiVersion = query.get('api-version');
    if (!apiVersion) return { kind: 'refused', response: missingApiVersion() };
    if (!/^\d{4}-\d{2}-\d{2}(-\w+)?$/.test(apiVersion)) {
      return { kind: 'refused', response: invalidApiVersion(apiVersion, knownVersions) };
    }
    const matching = operations.flatMap((operation) => {
      const segments = match(operation.path, path);
      return segments ? [{ operation, segments }] : [];
    });
    const { namespace, type } = resourceTypeOf(path);
    const [first] = matching;
    if (!first) {
      const isKnown = namespaces.has(namespace.toLowerCase());
      const response = isKnown ? invalidResourceType(namespace, type, apiVersion) : invalidResourceNamespace(namespace);
      return { kind: 'refused', response };
    }
    const supported = first.operation.apiVersions;
    if (!supported.includes(apiVersion)) {
      return { kind: 'refused', response: noRegisteredProvider({ location, version: apiVersion, type, supported }) };
    }
    const wanted = matching.find(({ operation }) => operation.method === method);
    if (!wanted) return { kind: 'refused', response: methodNotAllowed(method) };
    return { kind: 'found', ...wanted, apiVersion };
  };
}

function match(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split('/');
  const given = path.split('/');
  if (expected.length !== given.length) return undefined;
  const segments: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) segments[part.slice(1, -1)] = value;
    else if (part.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return segments;
}

/** Namespace and type (`virtualMachines/runCommands`) of a path's last provider. */
function resourceTypeOf(path: string): { namespace: string; type: string } {
  const afterProvider = path.split(/\/providers\//i).at(-1) ?? '';
  const [namespace = '', ...rest] = afterProvider.split('/');
  return { namespace, type: rest.filter((_part, index) => index % 2 === 0).join('/') };
}

/** assumed: the words. */
function methodNotAllowed(method: string): ArmResponse {
  const message = `The http method '${method}' is not supported for this resource.`;
  return { status: 405, body: { error: { code: 'HttpMethodNotSupported', message } } };
}
