import type { PipelineResponse } from '@azure/core-rest-pipeline' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { retryAfterOf } from '../errors';
import type { EffectiveRules, NetworkInterface, OutsideArm, PublicAddress, SerialConsoleState } from '../outside';
import type { Answer, ArmFailure } from '../ports';
import { parseNetworkInterfaceId, parsePublicAddressId, parseVirtualMachineId } from '../resource-id';
import { answer, idOf } from './answer';
import type { ComputeClients } from './compute-client';
import { readEffectiveRules } from './effective-rules';
import { callRest, jsonOf, type RestConnection } from './rest';

/**
 * A VM's surroundings by ARM's REST. Not by @azure/arm-network, which is many times larger than the rest of the app, and not by
 * @azure/arm-serialconsole, whose model looks for `disabled` in the wrong place.
 */

const networkVersion = '2024-05-01';
const serialConsoleVersion = '2023-01-01';

interface OutsideConnection {
  endpoint: string;
  observe: ComputeClients;
  http: () => Promise<RestConnection['http']>;
}

/** The calls on a VM's surroundings. All of them only look. */
export function outsideCalls({ endpoint, observe, http }: OutsideConnection): OutsideArm {
  async function call<T>(
    subscriptionId: string,
    request: { method: 'GET' | 'POST'; path: string },
    read: (response: PipelineResponse) => T,
  ): Promise<Answer<T>> {
    return answer(observe(subscriptionId), async ({ pipeline }) =>
      read(await callRest({ endpoint, pipeline, http: await http() }, request)),
    );
  }

  return {
    async getSerialConsole(vmId) {
      const { subscriptionId } = idOf(vmId, parseVirtualMachineId);
      const service = 'providers/Microsoft.SerialConsole/consoleServices/default';
      const path = `/subscriptions/${subscriptionId}/${service}?api-version=${serialConsoleVersion}`;
      return call(subscriptionId, { method: 'GET', path }, (response) => readSerialConsole(jsonOf(response)));
    },

    async getNetworkInterface(interfaceId) {
      const { subscriptionId } = idOf(interfaceId, parseNetworkInterfaceId);
      const path = `${interfaceId}?api-version=${networkVersion}`;
      return flat(
        await call(subscriptionId, { method: 'GET', path }, (response) => readInterface(interfaceId, jsonOf(response))),
      );
    },

    async getPublicAddress(publicAddressId) {
      const { subscriptionId } = idOf(publicAddressId, parsePublicAddressId);
      const path = `${publicAddressId}?api-version=${networkVersion}`;
      return call(subscriptionId, { method: 'GET', path }, (response) => readPublicAddress(jsonOf(response)));
    },

    async beginEffectiveRules(interfaceId) {
      const { subscriptionId } = idOf(interfaceId, parseNetworkInterfaceId);
      const path = `${interfaceId}/effectiveNetworkSecurityGroups?api-version=${networkVersion}`;
      return flat(await call(subscriptionId, { method: 'POST', path }, (response) => readRules(endpoint, response)));
    },

    async lookAtEffectiveRules(interfaceId, operation) {
      const { subscriptionId } = idOf(interfaceId, parseNetworkInterfaceId);
      const path = pathOf(endpoint, operation);
      if (path === undefined) return unreadable('OperationElsewhere', 'The operation is at no address of ARM’s.');
      return flat(
        await call(subscriptionId, { method: 'GET', path }, (response) => readRules(endpoint, response, operation)),
      );
    },
  };
}

interface Unreadable {
  ok: false;
  failure: ArmFailure;
}

/** An answer that is none of those that were to be expected. */
function unreadable(code: string, message: string): Unreadable {
  return { ok: false, failure: { kind: 'rejected', code, message, status: 200 } };
}

function flat<T>(given: Answer<Answer<T>>): Answer<T> {
  return given.ok ? given.value : given;
}

const consoleService = z.object({ properties: z.object({ disabled: z.boolean() }) });

/** Only an explicit `false` counts as enabled: Azure/azure-cli-extensions:src/serial-console/azext_serialconsole/custom.py. */
function readSerialConsole(body: unknown): SerialConsoleState {
  const parsed = consoleService.safeParse(body);
  if (!parsed.success) return 'not-told';
  return parsed.data.properties.disabled ? 'disabled' : 'enabled';
}

const ipConfiguration = z.object({
  properties: z.object({
    primary: z.boolean().nullish(),
    privateIPAddress: z.string().max(60).nullish(),
    privateIPAddressVersion: z.string().nullish(),
    publicIPAddress: z.object({ id: z.string().max(1000) }).nullish(),
  }),
});
const networkInterface = z.object({ properties: z.object({ ipConfigurations: z.array(ipConfiguration) }) });

function readInterface(id: string, body: unknown): Answer<NetworkInterface> {
  const parsed = networkInterface.safeParse(body);
  if (!parsed.success) return unreadable('UnreadableInterface', 'The interface is not described as it should be.');
  const version4 = parsed.data.properties.ipConfigurations
    .map(({ properties }) => properties)
    .filter(({ privateIPAddressVersion }) => privateIPAddressVersion?.toLowerCase() !== 'ipv6');
  const primary = version4.find((one) => one.primary) ?? version4[0];
  const publicAddressId = primary?.publicIPAddress?.id;
  return {
    ok: true,
    value: {
      id,
      ...(primary?.privateIPAddress ? { privateAddress: primary.privateIPAddress } : {}),
      ...(publicAddressId !== undefined && parsePublicAddressId(publicAddressId) ? { publicAddressId } : {}),
    },
  };
}

const publicAddress = z.object({
  sku: z.object({ name: z.string().max(60).nullish() }).nullish(),
  properties: z.object({ ipAddress: z.string().max(60).nullish() }),
});

function readPublicAddress(body: unknown): PublicAddress {
  const parsed = publicAddress.safeParse(body);
  if (!parsed.success) return {};
  const { sku, properties } = parsed.data;
  return {
    ...(properties.ipAddress ? { address: properties.ipAddress } : {}),
    ...(sku?.name ? { sku: sku.name } : {}),
  };
}

/** 202 with a Location while it runs, 200 with the rules when it is done; the Location is kept while it says nothing new. */
function readRules(endpoint: string, response: PipelineResponse, known?: string): Answer<EffectiveRules> {
  if (response.status === 202) {
    const operation = response.headers.get('location') ?? known;
    if (operation === undefined || pathOf(endpoint, operation) === undefined) {
      return unreadable('OperationElsewhere', 'Azure did not say where the operation can be looked at.');
    }
    return { ok: true, value: { state: 'running', operation, retryAfterMs: retryAfterOf({ response }) } };
  }
  const groups = readEffectiveRules(jsonOf(response));
  if (groups) return { ok: true, value: { state: 'done', groups } };
  return unreadable('UnreadableRules', 'The security rules are not described as they should be.');
}

/** Path and query of an address at our own ARM, the only one that our token is for. */
function pathOf(endpoint: string, address: string): string | undefined {
  if (address.length > 8_000 || !URL.canParse(address)) return undefined;
  const { origin, pathname, search } = new URL(address);
  if (origin !== new URL(endpoint).origin || !/^\/+subscriptions\//i.test(pathname)) return undefined;
  return `${pathname}${search}`;
}
