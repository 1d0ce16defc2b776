import { networkInterfaceIdOf, parseSubnetId } from '../../src/azure/network-id';
import { parseNetworkInterfaceId } from '../../src/azure/resource-id';
import { subscriptionId } from './support/machine';

const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-app`;
const network = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-1`;

describe('azure/network-id', () => {
  it('reads the id of a network interface, in any case', () => {
    const id = networkInterfaceIdOf(subscriptionId, 'rg-app', 'nic-1');
    expect(parseNetworkInterfaceId(id)).toEqual({ subscriptionId, resourceGroup: 'rg-app', name: 'nic-1' });
    expect(parseNetworkInterfaceId(id.toLowerCase())).toBeDefined();
  });

  it('reads the network of a subnet', () => {
    expect(parseSubnetId(`${network}/subnets/recovery`)).toEqual({
      subscriptionId,
      resourceGroup: 'rg-app',
      name: 'vnet-1',
    });
  });

  it.each([
    '',
    group,
    `${group}/providers/Microsoft.Compute/virtualMachines/vm-1`,
    `${group}/providers/Microsoft.Network/networkInterfaces/`,
    `${group}/providers/Microsoft.Network/networkInterfaces/a?b`,
    `${group}/providers/Microsoft.Network/networkInterfaces/a/../b`,
    `${group}/providers/Microsoft.Network/networkInterfaces/$&`,
    `/subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic-1`,
  ])('takes %j for no network interface', (id) => {
    expect(parseNetworkInterfaceId(id)).toBeUndefined();
  });

  it.each([
    network,
    `${network}/subnets/`,
    `${network}/subnets/a b`,
    `${network}/subnets/a?x=1`,
    `${network}x y/subnets/a`,
  ])('takes %j for no subnet', (id) => {
    expect(parseSubnetId(id)).toBeUndefined();
  });
});
