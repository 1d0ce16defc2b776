import type { HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import { repairTag, tagOf, type SweepVerdict } from '../policy/sweep';
import { json } from './answers';
import { surveyKept, type Survey } from './survey-kept';
import { namesOf } from './unreadable-rows';

/** One thing that a repair has left in Azure. */
interface Kept {
  resourceId: string;
  kind: string;
  repairId?: string;
  vmId?: string;
  purpose?: string;
  expiresAt?: string;
  /** `unknown`: it carries our tags, and no record of ours that can be read names it, or what that says is not whole. `overdue`: its expiry has passed. */
  state: 'kept' | 'overdue' | 'in-use' | 'repair-runs' | 'unknown';
}

/** `GET /api/kept`: what is kept, whose it is and until when; what could not be seen is named. Reads Azure at each call. */
export async function showKept(tools: Tools): Promise<HttpResponseInit> {
  const survey = await surveyKept(tools);
  const kept = [...tagged(survey), ...originals(survey)];
  return json(200, { kept, notSeen: survey.unseen, unreadable: namesOf(survey.unreadable) });
}

function tagged({ things }: Survey): Kept[] {
  return things.map(({ found, owner, verdict }) => {
    const record = owner?.resources.find(({ resourceId }) => resourceId.toLowerCase() === found.id.toLowerCase());
    return {
      resourceId: found.id,
      kind: found.kind,
      repairId: tagOf(found.tags, repairTag),
      vmId: owner?.vmId,
      purpose: record?.purpose,
      expiresAt: tagOf(found.tags, 'rdp-lifeline-expires'),
      state: stateOf(verdict),
    };
  });
}

function stateOf(verdict: SweepVerdict): Kept['state'] {
  if (verdict.kind === 'delete') return 'overdue';
  switch (verdict.why) {
    case 'unknown-owner':
    case 'record-unreadable':
      return 'unknown';
    case 'repair-runs':
      return 'repair-runs';
    case 'in-use':
    case 'swapped':
      return 'in-use';
    case 'groups-not-seen':
      return 'overdue';
    case 'no-expiry':
    case 'expires-later':
      return 'kept';
  }
}

/** They carry no tag of ours, and are never deleted by us: what is known of them is what is on record. */
function originals(survey: Survey): Kept[] {
  return survey.originals.map(({ owner, disk: { resourceId, kind, purpose, expiresAt } }) => {
    const isOverdue = expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
    const state = isOverdue ? 'overdue' : 'kept';
    return { resourceId, kind, repairId: owner.repairId, vmId: owner.vmId, purpose, expiresAt, state };
  });
}
