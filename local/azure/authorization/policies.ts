/**
 * Azure Policy with the effect deny: assignments at a subscription, a group or a resource that keep resources of a kind, or without
 * certain tags, from being created or updated. "Requests to create or update a resource are evaluated by Azure Policy first …
 * before handing the request to the appropriate Resource Provider":
 * https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics#order-of-evaluation
 * Actions (POST) and deletions are no such requests. Not here: append, modify, audit, exemptions, management groups.
 */
import { randomUUID } from 'node:crypto';
import { error, type ArmResponse } from '../arm-errors';
import { holdsAt } from './obstacles';

/** A condition on a resource; all of a rule's must hold. Without a value a field that is not there has none of them. */
export interface PolicyCondition {
  /** `name`, `location`, `sku.name`, `tags.owner`, `properties.encryption.type`, … of the resource as a request has it. */
  field: string;
  equals?: string;
  notEquals?: string;
  in?: string[];
  notIn?: string[];
  /** `*` stands for anything. */
  like?: string;
  exists?: boolean;
}

export interface PolicyAssignment {
  /** A GUID, as for those that the portal makes. */
  name: string;
  displayName: string;
  scope: string;
  /** e.g. `Microsoft.Compute/disks`; every type if empty. */
  types: string[];
  /** Denies what all of these hold for. */
  when: PolicyCondition[];
}

/** A resource as it would be if the request were carried out. */
export interface PolicyResource {
  id: string;
  type: string;
  body: Record<string, unknown>;
}

/** Reads `{"scope":…,"types":[…],"when":[…]}` or `{"scope":…,"requireTag":{"name":"owner","value":"shop"}}`. Throws for anything else. */
export function readPolicy(given: unknown): PolicyAssignment {
  const { scope, types = [], when = [], requireTag, displayName } = given as Record<string, unknown>;
  const isList = (value: unknown): value is unknown[] => Array.isArray(value);
  const isWhole = typeof scope === 'string' && isList(types) && isList(when);
  if (!isWhole || (when.length === 0 && types.length === 0 && requireTag === undefined)) {
    throw new Error('A policy needs {"scope":"/subscriptions/…"} and "types", "when" or "requireTag".');
  }
  const conditions = when as PolicyCondition[];
  const wrong = conditions.find((one) => typeof one.field !== 'string' || Object.keys(one).length !== 2);
  if (wrong) throw new Error('Each of "when" needs "field" and one of equals, notEquals, in, notIn, like, exists.');
  return {
    name: randomUUID(),
    displayName: typeof displayName === 'string' ? displayName : 'A policy of the organisation',
    scope,
    types: types.map(String),
    when: requireTag === undefined ? conditions : [...conditions, withoutTag(requireTag)],
  };
}

/** "Require a tag on resources" (871b6d14…) asks whether it exists, "Require a tag and its value" (1e30110a…) for its value. */
function withoutTag(given: unknown): PolicyCondition {
  const { name, value } = given as Record<string, unknown>;
  if (typeof name !== 'string') throw new Error('requireTag needs {"name":"owner"}, and "value" if it counts.');
  const field = `tags.${name}`;
  return typeof value === 'string' ? { field, notEquals: value } : { field, exists: false };
}

/** The answer to a request that would make or leave a resource so; undefined if no assignment denies it. */
export function deniedByPolicy(
  assignments: readonly PolicyAssignment[],
  resource: PolicyResource,
): ArmResponse | undefined {
  const denying = assignments.filter(
    ({ scope, types, when }) =>
      holdsAt(resource.id, scope) &&
      (types.length === 0 || types.some((type) => isSame(type, resource.type))) &&
      when.every((condition) => isMet(condition, resource)),
  );
  return denying.length === 0 ? undefined : disallowed(resource.id.split('/').at(-1) ?? '', denying);
}

function isMet(condition: PolicyCondition, { id, type, body }: PolicyResource): boolean {
  const value = valueAt({ ...body, id, type, name: id.split('/').at(-1) }, condition.field);
  const isValue = (wanted: string) => value !== undefined && isSame(wanted, value);
  if (condition.exists !== undefined) return (value !== undefined) === condition.exists;
  if (condition.equals !== undefined) return isValue(condition.equals);
  if (condition.notEquals !== undefined) return !isValue(condition.notEquals);
  if (condition.in) return condition.in.some(isValue);
  if (condition.notIn) return !condition.notIn.some(isValue);
  const pattern = (condition.like ?? '').replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return value !== undefined && new RegExp(`^${pattern}$`, 'i').test(value);
}

/** Names of tags, and of fields, are compared without case: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
function valueAt(body: unknown, field: string): string | undefined {
  const [first = '', ...rest] = field.split('.');
  if (typeof body !== 'object' || body === null) return undefined;
  const found = Object.entries(body).find(([name]) => isSame(name, rest.length > 0 ? first : field))?.[1] as unknown;
  if (rest.length > 0) return valueAt(found, rest.join('.'));
  return ['string', 'number', 'boolean'].includes(typeof found) ? String(found) : undefined;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * MicrosoftDocs/azure-docs:articles/automation/enforce-job-execution-hybrid-worker.md has such an answer whole. Its
 * `evaluationDetails` are left out: who may not read policies does not get them (Azure support's topic "Operation blocked by
 * Policy"), and our roles may not. 403: https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny
 * assumed: that each assignment that denies is listed.
 */
function disallowed(name: string, denying: readonly PolicyAssignment[]): ArmResponse {
  const known = denying.map((one) => ({ ...one, id: idOf(one), definitionId: definitionIdOf(one) }));
  const identifiers = known.map(({ displayName, id, definitionId }) => ({
    policyAssignment: { name: displayName, id },
    policyDefinition: { name: displayName, id: definitionId },
  }));
  const message = `Resource '${name}' was disallowed by policy. Policy identifiers: '${JSON.stringify(identifiers)}'.`;
  const additionalInfo = known.map((one) => ({
    type: 'PolicyViolation',
    info: {
      policyDefinitionDisplayName: one.displayName,
      policyDefinitionId: one.definitionId,
      policyDefinitionName: one.name,
      policyDefinitionEffect: 'Deny',
      policyAssignmentId: one.id,
      policyAssignmentName: one.name,
      policyAssignmentDisplayName: one.displayName,
      policyAssignmentScope: one.scope,
      policyAssignmentParameters: {},
    },
  }));
  return error(403, 'RequestDisallowedByPolicy', message, { target: name, additionalInfo });
}

function idOf({ scope, name }: PolicyAssignment): string {
  return `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

/** Definitions stand at the subscription. */
function definitionIdOf({ scope, name }: PolicyAssignment): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';
  return `${subscription}/providers/Microsoft.Authorization/policyDefinitions/${name}`;
}

/**
 * A resource after a PATCH: objects are merged, all else is replaced, and tags are replaced whole.
 * assumed: that policies see it so; that they see more than the request is told by Azure/azure-policy#387, where a policy on images
 * denies a change of a VM's tags.
 */
export function patched(present: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...present };
  for (const [name, value] of Object.entries(patch)) {
    const before = merged[name];
    merged[name] = name !== 'tags' && isObject(value) && isObject(before) ? patched(before, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
