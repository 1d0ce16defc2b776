import type { GuestRunFailure } from '../azure/ports';

/**
 * Why a guest gave no answer: one table, from which the type and the table of docs/operate.md are derived. They stand in reasons in
 * brackets, and are no outcome codes: whether the repair ends by it is another question.
 */

/** What a code stands for. */
interface NoAnswerEntry {
  meaning: string;
  advice: string;
}

export const noAnswers = {
  'agent-dead': {
    meaning: 'The guest agent is not Ready, so we asked nothing.',
    advice: 'Most failures look like this; the snapshot’s evidence has the cause.',
  },
  'agent-gone': {
    meaning: 'The agent or the VM went while a command was under way.',
    advice: 'Look at boot diagnostics: what is on the screen.',
  },
  'run-stuck': {
    meaning: 'The command runs far beyond its time, and the agent is Ready.',
    advice: 'Restart the guest agent; see whether another extension holds it.',
  },
  'run-not-delivered': {
    meaning: 'Azure could not hand the command to the guest.',
    advice: 'Restart the guest agent; see whether another extension holds it.',
  },
  'run-timed-out': {
    meaning: 'Windows ended the script after three minutes.',
    advice: 'The guest is overloaded, or a tool in it hangs: the report has what it had said.',
  },
  'run-cancelled': { meaning: 'Somebody deleted the command while it ran.', advice: 'Find out who, then ask again.' },
  'run-failed': {
    meaning: 'The script ended with an error: PowerShell, or a policy in the guest, kept it from running.',
    advice: 'Read PowerShell’s log in the guest.',
  },
  'run-lost': { meaning: 'Azure says that the command has ended, and not how.', advice: 'Ask again.' },
  'run-refused': {
    meaning: 'Azure, a role or a brake said no to handing over or showing the command; the reason quotes it.',
    advice: 'Correct what it names.',
  },
  'answer-unreadable': {
    meaning: 'What came back is no whole answer to our question: cut, repeated, or of somebody else.',
    advice: 'Something in the guest writes into our output: look at it before you trust the guest.',
  },
} as const satisfies Record<GuestRunFailure, NoAnswerEntry> & Record<string, NoAnswerEntry>;

export type NoAnswer = keyof typeof noAnswers;
