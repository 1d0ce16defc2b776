import { changeName, changeTitle, holds } from '../guest/changes';
import { factOf, type Evidence } from '../guest/evidence';
import type { BlockingRule } from '../network/reach';
import type { OutcomeCode } from '../outcome-codes';
import { signatureOf } from '../signatures';
import type { Knock } from './knock';
import type { OutsideView } from './outside-view';
import type { Plan } from './plan';
import type { Conclusion } from './progress';

/** What one look after the changes says; `settled` means that another look would not say more. */
export interface Verification {
  settled: boolean;
  conclusion: Conclusion;
}

/** Who else says that the VM is well: an alert that was resolved. A hint and no proof. */
export interface Witness {
  title: string;
  at: string;
}

/** What was seen outside the guest. */
export interface Outside {
  view?: OutsideView;
  knock?: Knock;
  witnesses: Witness[];
}

/** One thing that verification looked at, for the report. */
export interface Check {
  check: string;
  outcome: 'shown' | 'not-shown' | 'not-known';
  says: string;
}

const nothingOutside: Outside = { witnesses: [] };

/** Weighs what was read again, in the guest and outside it. Pure. */
export function judge(
  plan: Plan,
  evidence: Evidence[],
  agent: { usable: boolean; reason: string },
  outside: Outside = nothingOutside,
): Verification {
  const recognition = signatureOf(plan.signature).recognise(evidence);
  if (recognition.kind === 'present') {
    const why = recognition.reasons.map(({ text }) => text);
    return notRepaired('still-there', [`${plan.title}: it is still so after the changes.`, ...why].join(' '));
  }
  if (recognition.kind === 'unknown') return notRepaired('not-verified', recognition.why);
  const broken = plan.changes.find((change) => !holds(change, evidence));
  if (broken) return notRepaired('change-did-not-hold', `${changeTitle(broken)}: read again, it is not so.`);
  const mended = `${plan.title}: mended, and read again.`;
  const around = outsideSentences(outside);
  if (!agent.usable) return unproven('agent-not-ready', [mended, `But ${agent.reason}`, ...around]);
  const listener = factOf(evidence, 'rdp-listener');
  if (!listener) return unproven('rdp-not-read', [mended, 'Whether the guest listens for RDP could not be read.']);
  if (!listener.listening) {
    return unproven('rdp-not-listening', [
      mended,
      `But the guest does not listen on port ${listener.port}.`,
      ...around,
    ]);
  }
  const inside = `The agent is Ready and the guest listens for Remote Desktop on port ${listener.port}.`;
  if (outside.view?.reach.kind === 'blocked') {
    const alone = 'That is outside the guest, so it was left as it is: mend the rule.';
    return {
      ...unproven('blocked-by-nsg', [mended, inside, 'But nobody can reach it.', ...around, alone]),
      settled: true,
    };
  }
  if (outside.knock?.kind === 'made' && outside.knock.answer.kind !== 'answered') {
    const limit = 'So Remote Desktop is shown to run in the guest, and not shown to be reachable from there.';
    return unproven('probe-unanswered', [mended, inside, ...around, limit]);
  }
  const reason = [mended, inside, ...around].join(' ');
  return { settled: true, conclusion: { ending: 'repaired', code: 'repaired', reason } };
}

/** The port that the guest listens on for RDP, or is meant to; undefined if it was not read. */
export function rdpPortOf(evidence: Evidence[]): number | undefined {
  const port = factOf(evidence, 'rdp-listener')?.port;
  return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}

function notRepaired(code: OutcomeCode, reason: string): Verification {
  return { settled: false, conclusion: { ending: 'not-repaired', code, reason } };
}

function unproven(code: OutcomeCode, sentences: string[]): Verification {
  return { settled: false, conclusion: { ending: 'fixed-rdp-unproven', code, reason: sentences.join(' ') } };
}

/** Every thing that was looked at and what it showed, in the order of the proof. Pure. */
export function checksOf(
  plan: Plan,
  evidence: Evidence[],
  agent: { usable: boolean; reason: string },
  { view, knock, witnesses }: Outside = nothingOutside,
): Check[] {
  const recognition = signatureOf(plan.signature).recognise(evidence);
  const listener = factOf(evidence, 'rdp-listener');
  const gone = { absent: 'shown', present: 'not-shown', unknown: 'not-known' } as const;
  const changes = plan.changes.map((change): Check => ({
    check: `change:${changeName(change)}`,
    outcome: holds(change, evidence) ? 'shown' : 'not-shown',
    says: changeTitle(change),
  }));
  return [
    {
      check: 'failure-gone',
      outcome: gone[recognition.kind],
      says: recognition.kind === 'unknown' ? recognition.why : recognition.reasons.map(({ text }) => text).join(' '),
    },
    ...changes,
    { check: 'agent-ready', outcome: agent.usable ? 'shown' : 'not-shown', says: agent.reason },
    listener
      ? {
          check: 'rdp-listening',
          outcome: listener.listening ? 'shown' : 'not-shown',
          says: `The port of Remote Desktop is ${listener.port}.`,
        }
      : { check: 'rdp-listening', outcome: 'not-known', says: 'The listeners could not be read.' },
    ...(view ? [{ check: 'security-groups', outcome: reachOutcome(view), says: reachSentence(view) }] : []),
    ...(knock && knock.kind !== 'off'
      ? [{ check: 'probe', outcome: knockOutcome(knock), says: knockSentence(knock) }]
      : []),
    ...witnesses.map((witness): Check => ({
      check: 'alert-resolved',
      outcome: 'shown',
      says: witnessSentence(witness),
    })),
  ];
}

function reachOutcome({ reach }: OutsideView): Check['outcome'] {
  return ({ open: 'shown', blocked: 'not-shown', unknown: 'not-known' } as const)[reach.kind];
}

function knockOutcome(knock: Exclude<Knock, { kind: 'off' }>): Check['outcome'] {
  if (knock.kind === 'not-made') return 'not-known';
  return knock.answer.kind === 'answered' ? 'shown' : 'not-shown';
}

function outsideSentences({ view, knock, witnesses }: Outside): string[] {
  return [
    ...(view ? [reachSentence(view)] : []),
    ...(knock && knock.kind !== 'off' ? [knockSentence(knock)] : []),
    ...witnesses.map(witnessSentence),
  ];
}

function reachSentence(view: OutsideView): string {
  const { reach, port, interfaces = 1 } = view;
  const where = interfaces > 1 ? ` (at the primary one of ${interfaces} network interfaces)` : '';
  switch (reach.kind) {
    case 'open': {
      if (reach.groups === 0) {
        const none = `No network security group applies to its network interface${where}`;
        return reach.internet === 'closed'
          ? `${none}, so its Standard public address is closed from the Internet; the virtual network is let through.`
          : `${none}.`;
      }
      const only = reach.from.includes('everywhere') ? '' : ' only';
      return `The network security groups let TCP ${port} through from ${reach.from.join(', ')}${only}${where}.`;
    }
    case 'blocked':
      return `TCP ${port} is turned away from everywhere by ${reach.by.slice(0, 3).map(nameOfRule).join(' and ')}${where}.`;
    case 'unknown':
      return `Whether network security groups let TCP ${port} through is not known${where}: ${reach.why}`;
  }
}

function nameOfRule({ groupId, rule, priority }: BlockingRule): string {
  return `the rule ${lastPart(rule)} (priority ${priority}) of the network security group ${lastPart(groupId)}`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function knockSentence(knock: Exclude<Knock, { kind: 'off' }>): string {
  if (knock.kind === 'not-made') return `The RDP port was not tried from outside: ${knock.why}`;
  const tried = `Tried from this app at ${knock.address}:${knock.port}`;
  switch (knock.answer.kind) {
    case 'answered':
      return `${tried}, Remote Desktop answered.`;
    case 'refused':
      return `${tried}, the connection was refused.`;
    case 'no-answer':
    case 'not-rdp':
      return `${tried}, Remote Desktop did not answer: ${knock.answer.why}.`;
  }
}

function witnessSentence({ title, at }: Witness): string {
  return `The alert "${title}" was resolved at ${at}.`;
}
