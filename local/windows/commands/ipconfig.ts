/** `ipconfig [/all]`: one adapter. Without a lease the IPv4 lines are missing. */
import { lines, type CommandContext, type CommandResult } from './command';

export function ipconfig(commandLine: readonly string[], { guest, at }: CommandContext): CommandResult {
  const isFull = commandLine.some((option) => option.toLowerCase() === '/all');
  const addresses = guest.addresses(at);
  const field = (name: string, value: string) => `   ${`${name} `.padEnd(36, '. ')}: ${value}`;
  const host = [
    field('Host Name', guest.computerName()),
    field('Primary Dns Suffix ', ''),
    field('Node Type', 'Hybrid'),
    field('IP Routing Enabled.', 'No'),
    field('WINS Proxy Enabled.', 'No'),
    '',
  ];
  const adapter = [
    field('Description', 'Microsoft Hyper-V Network Adapter'),
    field('Physical Address.', '00-0D-3A-5A-BE-4A'),
    field('DHCP Enabled.', 'Yes'),
    field('Autoconfiguration Enabled', 'Yes'),
  ];
  const network = addresses.flatMap((address) => [
    field('IPv4 Address.', isFull ? `${address}(Preferred) ` : address),
    field('Subnet Mask', '255.255.255.0'),
    field('Default Gateway', address.replace(/\d+$/, '1')),
  ]);
  const stdout = lines(
    '',
    'Windows IP Configuration',
    '',
    ...(isFull ? host : []),
    '',
    'Ethernet adapter Ethernet:',
    '',
    '   Connection-specific DNS Suffix  . : ',
    ...(isFull ? adapter : []),
    field('Link-local IPv6 Address', `fe80::7d2c:1b0a:5e11:9a4f%5${isFull ? '(Preferred) ' : ''}`),
    ...network,
  );
  return { exitCode: 0, stdout, stderr: '' };
}
