import { z } from 'zod';

/**
 * Which policy assignments denied a request. The SDK keeps of ARM's error its code and its message, and not the list `additionalInfo`,
 * so the assignments are read from the JSON that the message quotes (MicrosoftDocs/azure-docs:
 * articles/automation/enforce-job-execution-hybrid-worker.md has one whole). They are for a person to read: nothing is decided by them.
 */

/** Azure's code for a request that Azure Policy denies: https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny */
export const deniedByPolicyCode = 'RequestDisallowedByPolicy';

/** An assignment, as it is found in the portal. */
export interface PolicyAssignment {
  name: string;
  id: string;
}

const identifiers = z.array(
  z.looseObject({ policyAssignment: z.object({ name: z.string().max(300), id: z.string().max(1000) }) }),
);
const quoted = /Policy identifiers: '(\[.*\])'/s;

/** The assignments that the message of such a refusal names; none if it quotes them in no known way. */
export function assignmentsIn(message: string): PolicyAssignment[] {
  const [, json] = quoted.exec(message) ?? [];
  const found = identifiers.safeParse(parsed(json ?? ''));
  return found.success ? found.data.slice(0, 5).map(({ policyAssignment: { name, id } }) => ({ name, id })) : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
