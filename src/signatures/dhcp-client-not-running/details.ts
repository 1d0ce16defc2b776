import type { Evidence, Need } from '../../guest/evidence';
import type { Reason } from '../define-signature';
import { dependencyNeeds, dependencyReasons } from './dependencies';
import { permissionNeeds, permissionReasons } from './permissions';
import { sharedProcessNeeds, sharedProcessReasons } from './shared-process';

/** What a person needs to see beside the code, by the code, where this release mends nothing. */

const service = 'Dhcp';

/** What to read for it, as far as the evidence lets one ask. */
export function needsOfDetails(code: number, evidence: Evidence[]): Need[] {
  switch (code) {
    case 5:
      return permissionNeeds(service);
    case 1059:
    case 1068:
      return dependencyNeeds(service, evidence);
    case 1079:
      return sharedProcessNeeds(service, evidence);
    default:
      return [];
  }
}

/** What was read for it, in words. */
export function detailsOf(code: number, evidence: Evidence[]): Reason[] {
  switch (code) {
    case 5:
      return permissionReasons(service, evidence);
    case 1059:
    case 1068:
      return dependencyReasons(service, evidence);
    case 1079:
      return sharedProcessReasons(service, evidence);
    default:
      return [];
  }
}
