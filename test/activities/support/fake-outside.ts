import type { NetworkInterface, OutsideArm, SerialConsoleState } from '../../../src/azure/outside';
import type { Answer } from '../../../src/azure/ports';
import type { Probe, ProbeAnswer } from '../../../src/probe/ports';
import type { SecurityGroup } from '../../../src/network/reach';
import { interfaceId, publicAddressId, securityGroupId } from '../../azure/support/machine';
import { denyTheRest, rdpRule } from '../../network/support/rules';

/** What surrounds the fake VM. */
export interface OutsideContent {
  serialConsole: SerialConsoleState;
  networkInterface: NetworkInterface;
  publicAddress?: string;
  publicAddressSku?: string;
  groups: SecurityGroup[];
  /** How many looks at an operation find it still running; 0: done when it is begun. */
  looksUntilDone: number;
  /** Every operation that was begun. */
  operations: string[];
  looks: number;
  /** What the RDP port answers, and where it was tried. */
  probeAnswer: ProbeAnswer;
  probed: string[];
}

/** A VM that everybody may reach, with a public address. */
export function outsideContent(): OutsideContent {
  return {
    serialConsole: 'enabled',
    networkInterface: { id: interfaceId, privateAddress: '10.0.0.4', publicAddressId },
    publicAddress: '203.0.113.4',
    publicAddressSku: 'Standard',
    groups: [{ id: securityGroupId, rules: [rdpRule(), denyTheRest] }],
    looksUntilDone: 1,
    operations: [],
    looks: 0,
    probeAnswer: { kind: 'answered' },
    probed: [],
  };
}

type Give = <T>(call: keyof OutsideArm, value: () => T | undefined, what: string) => Promise<Answer<T>>;

/** The calls on it. */
export function fakeOutside(contentOf: () => OutsideContent, answer: Give): OutsideArm {
  return {
    getSerialConsole: (vmId) => answer('getSerialConsole', () => contentOf().serialConsole, vmId),
    getNetworkInterface: (id) => answer('getNetworkInterface', () => contentOf().networkInterface, id),
    getPublicAddress: (id) =>
      answer('getPublicAddress', () => ({ address: contentOf().publicAddress, sku: contentOf().publicAddressSku }), id),
    beginEffectiveRules: (id) =>
      answer(
        'beginEffectiveRules',
        () => {
          const { operations, looksUntilDone, groups } = contentOf();
          const operation = `https://arm.example/subscriptions/operation-${operations.length + 1}`;
          operations.push(operation);
          return looksUntilDone === 0 ? { state: 'done', groups } : { state: 'running', operation };
        },
        id,
      ),
    lookAtEffectiveRules: (_id, operation) =>
      answer(
        'lookAtEffectiveRules',
        () => {
          const content = contentOf();
          if (!content.operations.includes(operation)) return undefined;
          content.looks += 1;
          if (content.looks < content.looksUntilDone) return { state: 'running', operation };
          return { state: 'done', groups: content.groups };
        },
        operation,
      ),
  };
}

/** A probe that is answered as the world says. */
export function fakeProbe(contentOf: () => OutsideContent): Probe {
  return {
    askForRdp({ address, port }) {
      contentOf().probed.push(`${address}:${port}`);
      return Promise.resolve(contentOf().probeAnswer);
    },
  };
}
