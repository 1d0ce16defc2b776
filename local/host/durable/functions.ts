/** What the durable engine needs to know about the app's functions. */
import type { AppRegistrations } from '../worker/functions-core';

const triggerTypes = { activity: 'activitytrigger', 'sub-orchestration': 'orchestrationtrigger' } as const;
const kindNames = { activity: 'an activity', 'sub-orchestration': 'an orchestrator' } as const;

/** The trigger binding of a function: its name and lower-cased type. Undefined for an unknown function. */
export function triggerOf(app: AppRegistrations, functionName: string): { name: string; type: string } | undefined {
  const bindings = app.functions.get(functionName)?.metadata.bindings ?? {};
  for (const [name, binding] of Object.entries(bindings)) {
    const type = binding.type?.toLowerCase();
    if (type?.endsWith('trigger')) return { name, type };
  }
  return undefined;
}

/** The name under which the trigger's value is handed over. Throws for an unknown function. */
export function triggerBindingName(app: AppRegistrations, functionName: string): string {
  const trigger = triggerOf(app, functionName);
  if (!trigger) throw new Error(`There is no function '${functionName}' in this app.`);
  return trigger.name;
}

/** Why `name` cannot be called as this kind of function, in the extension's words; undefined when it can. */
export function unknownFunction(
  app: AppRegistrations,
  kind: 'activity' | 'sub-orchestration',
  name: string,
): string | undefined {
  const type = triggerTypes[kind];
  if (triggerOf(app, name)?.type === type) return undefined;
  const known = [...app.functions.keys()].filter((candidate) => triggerOf(app, candidate)?.type === type);
  const list = known.length > 0 ? `The known ones are: '${known.join("', '")}'.` : 'None is registered.';
  return `The function '${name}' doesn't exist, is disabled, or is not ${kindNames[kind]} function. ${list}`;
}
