import type { RecoveryArm } from '../recovery-ports';
import { computeClients } from './compute-client';
import { diskCalls } from './disk-calls';
import type { ArmAdapterSettings } from '.';
import { httpClientOf } from './http-client';
import { leftoverCalls } from './leftover-calls';
import { networkInterfaceCalls } from './network-interface-calls';
import { powerCalls } from './power-calls';
import { preflightCalls } from './preflight-calls';
import { recoveryMachineCalls } from './recovery-machine-calls';
import { osDiskCalls, type SwapMethod } from './os-disk-calls';

/** How the adapter is set up. */
export interface RecoveryAdapterSettings extends ArmAdapterSettings {
  /** `patch` if not given. */
  osDiskSwap?: SwapMethod;
}

/** The adapter of the recovery route, with the same identities as `connectArm`. */
export function connectRecoveryArm(settings: RecoveryAdapterSettings): RecoveryArm {
  const { endpoint, audience, httpClient } = settings;
  const clients = {
    observe: computeClients({ endpoint, audience, httpClient, credential: settings.observe }),
    repair: computeClients({ endpoint, audience, httpClient, credential: settings.repair }),
  };
  const access = { endpoint, http: httpClientOf(settings) };
  return {
    ...powerCalls(clients),
    ...osDiskCalls(clients, settings.osDiskSwap ?? 'patch'),
    ...diskCalls(clients),
    ...recoveryMachineCalls(clients),
    ...networkInterfaceCalls(clients, access),
    ...preflightCalls(clients, access),
    ...leftoverCalls(clients, access),
  };
}
