import {
  consoleUnknown,
  isConsoleOfInterest,
  recoveryVmOf,
  routesOf,
  type ConsoleKnowledge,
} from '../../src/policy/routes';
import { virtualMachine } from '../azure/support/machine';

const enabled: ConsoleKnowledge = { known: true, state: 'enabled' };
const dead = { usable: false, reason: 'The guest agent is Not Ready.' };

describe('policy/routes', () => {
  it('names every route of the design, the gentlest first', () => {
    expect(routesOf(virtualMachine(), enabled)).toEqual([
      { route: 'run-command', open: true, code: 'agent-ready', reason: virtualMachine().agent.reason },
      {
        route: 'serial-console',
        open: false,
        byHand: 'yes',
        code: 'console-by-hand',
        reason: expect.stringContaining('A person can use it') as string,
      },
      { route: 'recovery-vm', open: false, code: 'not-decided', reason: expect.any(String) as string },
    ]);
  });

  it.each([
    ['agent-silent', { agent: dead }, dead.reason],
    ['not-running', { powerState: 'deallocated' as const }, 'deallocated'],
    ['power-state-missing', { powerState: undefined }, 'does not say'],
    ['os-type-missing', { osType: 'unknown' as const }, 'does not say'],
    ['not-windows', { osType: 'Linux' as const }, 'Linux'],
  ])('says why Run Command is closed: %s', (code, fields, words) => {
    const [runCommand] = routesOf(virtualMachine(fields), enabled);
    expect(runCommand).toMatchObject({ open: false, code, reason: expect.stringContaining(words) as string });
  });

  it.each<[string, string, object, ConsoleKnowledge]>([
    ['console-by-hand', 'yes', { agent: dead }, enabled],
    ['boot-diagnostics-off', 'no', { bootDiagnostics: false }, enabled],
    ['boot-diagnostics-off', 'no', { bootDiagnostics: undefined }, enabled],
    ['console-disabled', 'no', {}, { known: true, state: 'disabled' }],
    // The Azure CLI counts only an explicit "not disabled".
    ['console-disabled', 'no', {}, { known: true, state: 'not-told' }],
    ['console-not-known', 'not-known', {}, { known: false, why: 'nobody knows.' }],
    ['not-running', 'no', { powerState: 'stopped' }, enabled],
    ['not-windows', 'no', { osType: 'Linux' }, enabled],
    ['power-state-missing', 'not-known', { powerState: undefined }, enabled],
  ])('says whether a person could use the serial console: %s', (code, byHand, fields, knowledge) => {
    const vm = virtualMachine(fields);
    expect(routesOf(vm, knowledge)[1]).toMatchObject({ open: false, code, byHand });
  });

  it('asks Azure about the console only where that is what counts', () => {
    expect(isConsoleOfInterest(virtualMachine())).toBe(true);
    expect(isConsoleOfInterest(virtualMachine({ bootDiagnostics: false }))).toBe(false);
    expect(isConsoleOfInterest(virtualMachine({ powerState: 'stopped' }))).toBe(false);
  });

  it('says what is missing where a role is missing: the action, and that it belongs on the subscription', () => {
    const action = 'Microsoft.SerialConsole/consoleServices/read';
    const knowledge = consoleUnknown({ kind: 'forbidden', code: 'x', message: 'x', action, scope: '/s' });
    const reason = routesOf(virtualMachine(), knowledge)[1]?.reason;
    expect(reason).toContain(action);
    expect(reason).toContain('on the subscription');
    expect(consoleUnknown({ kind: 'wait', code: 'TooManyRequests', message: 'x' })).toMatchObject({ known: false });
  });

  it('leaves the recovery VM undecided until there is a plan, unless the VM shuts it already', () => {
    expect(routesOf(virtualMachine(), enabled)[2]).toMatchObject({ open: false, code: 'not-decided' });
    expect(routesOf(virtualMachine({ osType: 'Linux' }), enabled)[2]).toMatchObject({ code: 'not-windows' });
  });

  it('takes the word of the plan for the recovery VM', () => {
    const closed = [{ route: 'recovery-vm', code: 'locked' as const, reason: 'The lock x would stop us half-way.' }];
    expect(recoveryVmOf({ routes: ['run-command'], closed })).toMatchObject({ open: false, code: 'locked' });
    expect(recoveryVmOf({ routes: ['run-command', 'recovery-vm'], closed: [] })).toMatchObject({ open: true });
    expect(recoveryVmOf({ routes: [], closed: [] })).toBeUndefined();
  });
});
