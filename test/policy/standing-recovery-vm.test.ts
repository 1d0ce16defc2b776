import { standingProblem, type StandingFacts } from '../../src/policy/standing-recovery-vm';
import type { ManagedDisk, VirtualMachine } from '../../src/azure/ports';
import type { SizeAvailability } from '../../src/azure/sizes';
import { subscriptionId, virtualMachine } from '../azure/support/machine';

const id = `/subscriptions/${subscriptionId}/resourceGroups/rg-workbench/providers/Microsoft.Compute/virtualMachines/vm-rescue`;
const configuration = { zones: [], dataDisks: [], networkInterfaceIds: [] };
const disk: ManagedDisk = {
  ...{ id: '/d', location: 'westeurope', zones: [], network: {} },
  ...{ sku: 'Premium_LRS', hyperVGeneration: 'V2' },
};
const size: SizeAvailability = {
  ...{ size: 'Standard_D2s_v5', family: 'f', vCpus: 2, generations: ['V1', 'V2'], diskControllerTypes: ['SCSI'] },
  ...{ architecture: 'x64', premiumStorage: true, maxDataDisks: 4 },
};
const usable: StandingFacts = {
  lun: 2,
  patient: virtualMachine(),
  disk,
  machine: virtualMachine({ id, configuration }),
  ownDisk: { ...disk, hyperVGeneration: 'V1' },
  size,
  borrower: undefined,
};
const machine = (fields: Partial<VirtualMachine>): Partial<StandingFacts> => ({
  machine: virtualMachine({ id, configuration, ...fields }),
});
const made = (fields: Partial<NonNullable<VirtualMachine['configuration']>>): Partial<StandingFacts> =>
  machine({ configuration: { ...configuration, ...fields } });
const dataDisk = (lun: number) => ({ lun, diskId: `/x${lun}`, toBeDetached: false });

const final: [string, Partial<StandingFacts>][] = [
  ['the VM that is to be repaired', machine({ id: virtualMachine().id.toUpperCase() })],
  ['within its region', machine({ location: 'northeurope' })],
  ['its zone is 1, and the disk’s is none', made({ zones: ['1'] })],
  ['its zone is none, and the disk’s is 2', { disk: { ...disk, zones: ['2'] } }],
  ['no Windows VM', machine({ osType: 'Linux' })],
  ['same generation (V2)', { ownDisk: disk }],
  ['same generation (V1)', { disk: { ...disk, hyperVGeneration: undefined } }],
  ['SCSI', made({ diskControllerType: 'NVMe' })],
  ['takes no premium disk', { size: { ...size, premiumStorage: false } }],
  ['has 1 data disks', { ...made({ dataDisks: [dataDisk(0)] }), size: { ...size, maxDataDisks: 1 } }],
  ['LUN 2 is taken', made({ dataDisks: [dataDisk(2)] })],
  ['it is deallocated', machine({ powerState: 'deallocated' })],
  ['shows it as Failed', machine({ provisioningState: 'Failed' })],
];
const passing: [string, Partial<StandingFacts>][] = [
  ['works for the repair r-1', { borrower: 'r-1' }],
  ['works for the repair r-1', { borrower: 'r-1', ...made({ dataDisks: [dataDisk(2)] }) }],
  ['it is starting', machine({ powerState: 'starting' })],
  ['in a state that Azure does not tell', machine({ powerState: undefined })],
  ['in the middle of another operation', machine({ provisioningState: 'Updating' })],
  ['in the middle of another operation', machine({ provisioningState: undefined })],
  ['agent is Not Ready', machine({ agent: { usable: false, reason: 'The guest agent is Not Ready.' } })],
];

const problems = [
  ...final.map(([words, facts]) => [words, facts, 'final'] as const),
  ...passing.map(([words, facts]) => [words, facts, 'passing'] as const),
];

describe('policy/standing-recovery-vm', () => {
  it.each([
    ['as it should be', {}],
    ['with other data disks', made({ dataDisks: [dataDisk(0), dataDisk(1)] })],
    ['of a size that Azure does not show', { size: undefined }],
    [
      'in a zone, for a disk that is in all of them',
      { ...made({ zones: ['1'] }), disk: { ...disk, sku: 'Premium_ZRS' } },
    ],
    [
      'without premium disks, for a standard one',
      { size: { ...size, premiumStorage: false }, disk: { ...disk, sku: 'StandardSSD_LRS' } },
    ],
  ] as [string, Partial<StandingFacts>][])('takes one %s', (_how, facts) => {
    expect(standingProblem({ ...usable, ...facts })).toBeUndefined();
  });

  it.each(problems)('passes one over because %s', (words, facts, lasts) => {
    const problem = standingProblem({ ...usable, ...facts });
    expect(problem?.why).toContain(words);
    expect(problem?.lasts).toBe(lasts);
    // It is the end of a sentence.
    expect(problem?.why).not.toMatch(/\.$/);
  });

  it.each(final.filter(([words]) => !words.startsWith('LUN')))(
    'does not wait for one that would be of no use afterwards: %s',
    (words, facts) => {
      const problem = standingProblem({ ...usable, ...facts, borrower: 'r-1' });
      expect(problem).toMatchObject({ lasts: 'final', why: expect.stringContaining(words) as string });
    },
  );
});
