/**
 * What the inspection says of each route to a guest, before there is a plan: one table, from which the type and the table of
 * docs/operate.md are derived. They end no repair, so they are no outcome codes; a route that a plan has closed has the outcome
 * code that closed it.
 */

/** What a code stands for. */
interface RouteEntry {
  route: 'run-command' | 'serial-console' | 'recovery-vm' | 'every route';
  meaning: string;
  advice: string;
}

export const routeCodes = {
  'agent-ready': {
    route: 'run-command',
    meaning: 'The guest agent is Ready and its report is fresh.',
    advice: 'Nothing.',
  },
  'agent-silent': {
    route: 'run-command',
    meaning: 'The agent is not Ready, or its report is older than five minutes.',
    advice: 'Take another route.',
  },
  'console-by-hand': {
    route: 'serial-console',
    meaning:
      'A person can use it: boot diagnostics are on, and the subscription allows it. This release does not use it by itself.',
    advice: '[By hand](#by-hand).',
  },
  'boot-diagnostics-off': {
    route: 'serial-console',
    meaning: 'Boot diagnostics are off, and there is no serial console without them.',
    advice: 'Turn them on.',
  },
  'console-disabled': {
    route: 'serial-console',
    meaning: 'It is not enabled for the subscription.',
    advice: 'Run `az serial-console enable`.',
  },
  'console-not-known': {
    route: 'serial-console',
    meaning:
      'Whether it is enabled could not be found out; the reason names the action that is missing on the **subscription**.',
    advice: '[Grant it](deploy.md), or look by hand.',
  },
  'not-decided': {
    route: 'recovery-vm',
    meaning: 'No cause was found yet, or none that has a fix.',
    advice: 'Read `diagnosis` and `code` of the report.',
  },
  'recovery-vm-open': {
    route: 'recovery-vm',
    meaning: 'Nothing stood against it when the plan was made. Otherwise the outcome code of what did stands here.',
    advice: 'Nothing.',
  },
  'not-running': {
    route: 'every route',
    meaning: 'The VM is stopped.',
    advice: 'Start it, if nobody meant to stop it.',
  },
  'power-state-missing': {
    route: 'every route',
    meaning: 'Azure does not say whether the VM runs.',
    advice: 'Look at its instance view.',
  },
  'os-type-missing': {
    route: 'every route',
    meaning: 'Azure does not say which operating system the VM runs.',
    advice: 'Look at the VM.',
  },
  'not-windows': { route: 'every route', meaning: 'The VM runs another system than Windows.', advice: 'Nothing.' },
} as const satisfies Record<string, RouteEntry>;

export type RouteCode = keyof typeof routeCodes;
