import { done, end, wait } from '../../src/activities/progress';
import { lookByRecoveryVm } from '../../src/orchestrators/look-by-recovery-vm';
import { namesOf, tell, type Answers } from './support/tell';

const about = { repairId: '20260101t000000z-0123456789', vmId: '/subscriptions/x/vm' };
const look = { recovery: {}, hash: 'h' };
const order = [
  'planLook',
  'createRecoveryVm',
  'makeLookDisk',
  'attachLookDisk',
  'readLookDisk',
  'detachLookDisk',
  'deleteLookDisk',
];
const answers: Answers = {
  ...Object.fromEntries(order.map((name) => [name, done('done', '')])),
  planLook: done(look, ''),
};
const told = (given: Answers) => tell((story) => lookByRecoveryVm(story, about), given);

describe('orchestrators/look-by-recovery-vm: the story of a look by a recovery VM', () => {
  it('makes VM and disk, looks, and takes the disk away again; the VM stays for the mending', () => {
    const { result, asked } = told(answers);
    expect(result).toBe('looked');
    expect(namesOf(asked)).toEqual(order);
    for (const one of asked.slice(1)) expect(one).toMatchObject({ input: { ...about, lookHash: look.hash } });
  });

  it('begins nothing where its wait for a place made what was seen old', () => {
    const { result, asked } = told({ ...answers, planLook: done('read-again', '') });
    expect(result).toBe('read-again');
    expect(namesOf(asked)).toEqual(['planLook']);
  });

  it('asks for nothing that touches the patient', () => {
    const names = namesOf(told(answers).asked);
    for (const name of ['stopPatient', 'swapOsDisk', 'startPatient', 'applyChanges']) expect(names).not.toContain(name);
  });

  it.each(order.map((name, index) => [name, index] as const))(
    'ends where %s says so, and goes no further',
    (name, at) => {
      const { result, asked } = told({ ...answers, [name]: end('refused', 'name-taken', 'Because.') });
      expect(result).toEqual({ ending: 'refused', code: 'name-taken', reason: 'Because.' });
      expect(namesOf(asked)).toEqual(order.slice(0, at + 1));
    },
  );

  it.each(order)('gives up in the end when %s never ends', (name) => {
    const { asked } = told({
      ...answers,
      [name]: wait('not yet'),
      untilDone: done(name === 'planLook' ? look : 'x', ''),
    });
    const waiting = asked.flatMap((one) => (one.kind === 'orchestrator' ? [one.input] : []));
    expect(waiting).toMatchObject([{ activity: name, patience: { late: { ending: 'not-recognised' } } }]);
  });
});
