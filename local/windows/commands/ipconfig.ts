/**
 * `ipconfig [/all]`: one adapter. Without a lease the IPv4 lines are missing. German and French labels: outputs in
 * public logs, where the dots are part of the label. Russian and Chinese ones are assumed.
 */
import type { Translated } from '../language';
import { interfaceId } from '../default-content';
import { lines, type CommandContext, type CommandResult } from './command';

interface Words {
  title: string;
  hostName: string;
  primarySuffix: string;
  nodeType: string;
  ipRouting: string;
  winsProxy: string;
  adapter: string;
  suffix: string;
  description: string;
  physicalAddress: string;
  dhcpEnabled: string;
  autoconfiguration: string;
  linkLocal: string;
  ipv4: string;
  subnetMask: string;
  gateway: string;
  yes: string;
  no: string;
  preferred: string;
}

const words: Translated<Words> = {
  'en-US': {
    title: 'Windows IP Configuration',
    hostName: 'Host Name . . . . . . . . . . . . : ',
    primarySuffix: 'Primary Dns Suffix  . . . . . . . : ',
    nodeType: 'Node Type . . . . . . . . . . . . : ',
    ipRouting: 'IP Routing Enabled. . . . . . . . : ',
    winsProxy: 'WINS Proxy Enabled. . . . . . . . : ',
    adapter: 'Ethernet adapter Ethernet:',
    suffix: 'Connection-specific DNS Suffix  . : ',
    description: 'Description . . . . . . . . . . . : ',
    physicalAddress: 'Physical Address. . . . . . . . . : ',
    dhcpEnabled: 'DHCP Enabled. . . . . . . . . . . : ',
    autoconfiguration: 'Autoconfiguration Enabled . . . . : ',
    linkLocal: 'Link-local IPv6 Address . . . . . : ',
    ipv4: 'IPv4 Address. . . . . . . . . . . : ',
    subnetMask: 'Subnet Mask . . . . . . . . . . . : ',
    gateway: 'Default Gateway . . . . . . . . . : ',
    yes: 'Yes',
    no: 'No',
    preferred: '(Preferred) ',
  },
  'de-DE': {
    title: 'Windows-IP-Konfiguration',
    hostName: 'Hostname  . . . . . . . . . . . . : ',
    primarySuffix: 'Primäres DNS-Suffix . . . . . . . : ',
    nodeType: 'Knotentyp . . . . . . . . . . . . : ',
    ipRouting: 'IP-Routing aktiviert  . . . . . . : ',
    winsProxy: 'WINS-Proxy aktiviert  . . . . . . : ',
    adapter: 'Ethernet-Adapter Ethernet:',
    suffix: 'Verbindungsspezifisches DNS-Suffix: ',
    description: 'Beschreibung. . . . . . . . . . . : ',
    physicalAddress: 'Physische Adresse . . . . . . . . : ',
    dhcpEnabled: 'DHCP aktiviert. . . . . . . . . . : ',
    autoconfiguration: 'Autokonfiguration aktiviert . . . : ',
    linkLocal: 'Verbindungslokale IPv6-Adresse  . : ',
    ipv4: 'IPv4-Adresse  . . . . . . . . . . : ',
    subnetMask: 'Subnetzmaske  . . . . . . . . . . : ',
    gateway: 'Standardgateway . . . . . . . . . : ',
    yes: 'Ja',
    no: 'Nein',
    preferred: '(Bevorzugt) ',
  },
  'fr-FR': {
    title: 'Configuration IP de Windows',
    hostName: 'Nom de l’hôte . . . . . . . . . . : ',
    primarySuffix: 'Suffixe DNS principal . . . . . . : ',
    nodeType: 'Type de noeud. . . . . . . . . .  : ',
    ipRouting: 'Routage IP activé . . . . . . . . : ',
    winsProxy: 'Proxy WINS activé . . . . . . . . : ',
    adapter: 'Carte Ethernet Ethernet :',
    suffix: 'Suffixe DNS propre à la connexion. . . : ',
    description: 'Description. . . . . . . . . . . . . . : ',
    physicalAddress: 'Adresse physique . . . . . . . . . . . : ',
    dhcpEnabled: 'DHCP activé. . . . . . . . . . . . . . : ',
    autoconfiguration: 'Configuration automatique activée. . . : ',
    linkLocal: 'Adresse IPv6 de liaison locale. . . . .: ',
    ipv4: 'Adresse IPv4. . . . . . . . . . . . . .: ',
    subnetMask: 'Masque de sous-réseau. . . . . . . . . : ',
    gateway: 'Passerelle par défaut. . . . . . . . . : ',
    yes: 'Oui',
    no: 'Non',
    preferred: '(préféré) ',
  },
  'ru-RU': {
    title: 'Настройка протокола IP для Windows',
    hostName: 'Имя компьютера  . . . . . . . . . : ',
    primarySuffix: 'Основной DNS-суффикс  . . . . . . : ',
    nodeType: 'Тип узла. . . . . . . . . . . . . : ',
    ipRouting: 'IP-маршрутизация включена . . . . : ',
    winsProxy: 'WINS-прокси включен . . . . . . . : ',
    adapter: 'Адаптер Ethernet Ethernet:',
    suffix: 'DNS-суффикс подключения . . . . . : ',
    description: 'Описание. . . . . . . . . . . . . : ',
    physicalAddress: 'Физический адрес. . . . . . . . . : ',
    dhcpEnabled: 'DHCP включен. . . . . . . . . . . : ',
    autoconfiguration: 'Автонастройка включена. . . . . . : ',
    linkLocal: 'Локальный IPv6-адрес канала . . . : ',
    ipv4: 'IPv4-адрес. . . . . . . . . . . . : ',
    subnetMask: 'Маска подсети . . . . . . . . . . : ',
    gateway: 'Основной шлюз. . . . . . . . . : ',
    yes: 'Да',
    no: 'Нет',
    preferred: '(Основной) ',
  },
  'zh-CN': {
    title: 'Windows IP 配置',
    hostName: '主机名  . . . . . . . . . . . . . : ',
    primarySuffix: '主 DNS 后缀 . . . . . . . . . . . : ',
    nodeType: '节点类型  . . . . . . . . . . . . : ',
    ipRouting: 'IP 路由已启用 . . . . . . . . . . : ',
    winsProxy: 'WINS 代理已启用 . . . . . . . . . : ',
    adapter: '以太网适配器 以太网:',
    suffix: '连接特定的 DNS 后缀 . . . . . . . : ',
    description: '描述. . . . . . . . . . . . . . . : ',
    physicalAddress: '物理地址. . . . . . . . . . . . . : ',
    dhcpEnabled: 'DHCP 已启用 . . . . . . . . . . . : ',
    autoconfiguration: '自动配置已启用. . . . . . . . . . : ',
    linkLocal: '本地链接 IPv6 地址. . . . . . . . : ',
    ipv4: 'IPv4 地址 . . . . . . . . . . . . : ',
    subnetMask: '子网掩码  . . . . . . . . . . . . : ',
    gateway: '默认网关. . . . . . . . . . . . . : ',
    yes: '是',
    no: '否',
    preferred: '(首选) ',
  },
};

export function ipconfig(commandLine: readonly string[], { guest, at }: CommandContext): CommandResult {
  const isFull = commandLine.some((option) => option.toLowerCase() === '/all');
  const text = words[guest.language];
  const row = (label: string, value: string) => `   ${label}${value}`;
  // assumed: without its driver there is no adapter to show.
  if (guest.status('Tcpip', at).state !== 'RUNNING')
    return { exitCode: 0, stdout: lines('', text.title, ''), stderr: '' };
  const preferred = isFull ? text.preferred : '';
  const settings = `SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\${interfaceId}`;
  const dhcp = guest
    .registry()
    .values(settings)
    .find(({ name }) => name === 'EnableDHCP');
  const host = [
    row(text.hostName, guest.computerName()),
    row(text.primarySuffix, ''),
    row(text.nodeType, 'Hybrid'),
    row(text.ipRouting, text.no),
    row(text.winsProxy, text.no),
    '',
  ];
  const adapter = [
    row(text.description, 'Microsoft Hyper-V Network Adapter'),
    row(text.physicalAddress, '00-0D-3A-5A-BE-4A'),
    row(text.dhcpEnabled, dhcp?.data === 0 ? text.no : text.yes),
    row(text.autoconfiguration, text.yes),
  ];
  const network = guest
    .addresses(at)
    .flatMap((address) => [
      row(text.ipv4, `${address}${preferred}`),
      row(text.subnetMask, '255.255.255.0'),
      row(text.gateway, address.replace(/\d+$/, '1')),
    ]);
  const stdout = lines(
    '',
    text.title,
    '',
    ...(isFull ? host : []),
    '',
    text.adapter,
    '',
    row(text.suffix, ''),
    ...(isFull ? adapter : []),
    row(text.linkLocal, `fe80::7d2c:1b0a:5e11:9a4f%5${preferred}`),
    ...network,
  );
  return { exitCode: 0, stdout, stderr: '' };
}
