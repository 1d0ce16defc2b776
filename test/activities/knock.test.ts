import { knock } from '../../src/activities/knock';
import type { OutsideView } from '../../src/activities/outside-view';
import { repairWorld } from './support/repair';

const view: OutsideView = {
  port: 3390,
  reach: { kind: 'open', from: ['everywhere'], groups: 1 },
  privateAddress: '10.0.0.4',
  publicAddress: '203.0.113.4',
  readAt: '2026-01-02T03:04:05.000Z',
};

describe('activities/knock', () => {
  it('tries nothing unless it was asked to', async () => {
    const world = await repairWorld();
    expect(await knock(world.tools, view)).toEqual({ kind: 'off' });
    expect(world.outside.probed).toEqual([]);
  });

  it.each([
    ['private-address', '10.0.0.4'],
    ['public-address', '203.0.113.4'],
  ] as const)('tries the port that the guest listens on at the %s that Azure tells', async (rdpProbe, address) => {
    const world = await repairWorld({ rdpProbe });
    expect(await knock(world.tools, view)).toMatchObject({
      kind: 'made',
      address,
      port: 3390,
      answer: { kind: 'answered' },
    });
    expect(world.outside.probed).toEqual([`${address}:3390`]);
  });

  it.each([
    undefined,
    '',
    '127.0.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '10.0.0.0/8',
    '010.0.0.4',
    '10.4',
    'vm-1.internal',
    'fd00::4',
    '10.0.0.4\n',
  ])('connects to no %j, whoever says so', async (privateAddress) => {
    const world = await repairWorld({ rdpProbe: 'private-address' });
    expect(await knock(world.tools, { ...view, privateAddress })).toMatchObject({ kind: 'not-made' });
    expect(world.outside.probed).toEqual([]);
  });
});
