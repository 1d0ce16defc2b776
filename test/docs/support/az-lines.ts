import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOf, loanOf, rollbackOf, swapOf } from '../../../src/activities/recovery/names';
import { networkInterfaceIdOf } from '../../../src/azure/network-id';
import { diskIdOf, runCommandIdOf, virtualMachineIdOf } from '../../../src/azure/resource-id';
import { snapshotAccessIdOf } from '../../../src/activities/snapshot-id';
import { undoBy } from '../../../src/guest/undo';
import type { RepairDetail, ResourceKind, ResourceRecord } from '../../../src/ledger/ports';
import { wayBack } from '../../../src/report/way-back';
import { subscriptionId, vmId } from '../../azure/support/machine';
import { recordOf, resourceOf } from '../../ledger/support/resources';
import { changeRecord, repairDetail, repairId, snapshotId, snapshotRecord } from '../../report/support/details';
import { azCallsIn, type Command } from './shell-words';

/** Collects what we tell people to type into the Azure CLI. */

const root = join(__dirname, '../../..');

export interface AzLine {
  /** Where it stands. */
  source: string;
  words: Command;
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
}

function documents(): string[] {
  const top = readdirSync(root).filter((file) => file.endsWith('.md'));
  return [...top, ...['docs', 'infra', 'src'].flatMap((folder) => filesBelow(folder, '.md'))];
}

/** Of the documents: what stands in blocks of code, and lines with options elsewhere. */
export function documentedLines(): AzLine[] {
  return documents().flatMap((source) => {
    const text = readFileSync(join(root, source), 'utf8');
    const blocks = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].map((match) => match[1] ?? '');
    const inline = inlineCode(text).filter((code) => code.includes(' -'));
    return [...blocks, ...inline].flatMap((code) => azCallsIn(code).map((words) => ({ source, words })));
  });
}

/** The commands and groups that documents only name. */
export function documentedNames(): { source: string; name: string }[] {
  return documents().flatMap((source) =>
    inlineCode(readFileSync(join(root, source), 'utf8'))
      .filter((code) => !code.includes(' -'))
      .map((code) => ({ source, name: code.slice('az '.length) })),
  );
}

function inlineCode(text: string): string[] {
  return [...text.matchAll(/`(az [^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** Of the hooks that run the Azure CLI. */
export function hookLines(): AzLine[] {
  return ['infra/hooks/connect.sh', 'infra/hooks/connect.ps1'].flatMap((source) =>
    azCallsIn(readFileSync(join(root, source), 'utf8')).map((words) => ({ source, words })),
  );
}

const at = '2026-01-02T03:20:00.000Z';
const originalId = diskIdOf(subscriptionId, 'rg-app', 'vm-1_OsDisk');
const copyId = copyOf({ repairId, vmId }, { osDiskId: originalId } as never, 1);

function debt(kind: ResourceKind, resourceId: string): ResourceRecord {
  return recordOf(resourceOf(kind, resourceId, { copyId, originalId }), { createdAt: at });
}

const swap = debt('os-disk-swap', swapOf({ repairId, vmId }, 1));
const rolledBack = recordOf(
  {
    resourceId: rollbackOf({ repairId, vmId }),
    kind: 'os-disk-swap',
    details: { direction: 'rollback', copyId, originalId },
  },
  { createdAt: at },
);
const copy = debt('disk', copyId);
const standing = virtualMachineIdOf(subscriptionId, 'rg-workbench', 'standing-1');
const machine = virtualMachineIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}`);
const nic = networkInterfaceIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}-nic`);

/** Undo commands as they stand on record: a service, a boot entry, an account, a value of the registry. */
const crashControl = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\CrashControl`;
const undos = [
  undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
  undoBy('bcdedit.exe', '/set', '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}', 'safeboot', 'minimal'),
  undoBy('sc.exe', 'config', 'Dhcp', 'obj=', String.raw`NT AUTHORITY\NetworkService`),
  undoBy('reg.exe', 'add', crashControl, '/v', 'CrashDumpEnabled', '/t', 'REG_DWORD', '/d', '0x2', '/f'),
  undoBy('reg.exe', 'add', crashControl, '/v', 'DumpFile', '/d', String.raw`%SystemRoot%\MEMORY.DMP`, '/f'),
];

const osDiskTraits = {
  location: 'westeurope',
  zone: '2',
  sku: 'StandardSSD_LRS',
  hyperVGeneration: 'V2',
  securityType: 'TrustedLaunch',
};

function repairs(): RepairDetail[] {
  const documents = { inspection: { vm: { osDiskTraits } } };
  return [
    repairDetail({ changes: undos.map((undo) => changeRecord({ undo })), resources: [snapshotRecord()] }),
    repairDetail({ resources: [snapshotRecord()], documents }),
    repairDetail({ resources: [snapshotRecord()] }, { vmId: vmId.replace('rg-app', 'rg(app)') }),
    repairDetail({ resources: [debt('power-off', `${vmId}/powerOff/round-1`), swap, copy] }),
    repairDetail({ resources: [{ ...swap, createdAt: undefined }] }),
    repairDetail(
      { resources: [rolledBack, { ...copy, expiresAt: at }] },
      { ending: 'rolled-back', rollsBack: repairId },
    ),
    repairDetail(
      { resources: [{ ...rolledBack, createdAt: undefined }] },
      { ending: 'rolled-back', rollsBack: repairId },
    ),
    repairDetail(
      {
        resources: [
          copy,
          debt('network-interface', nic),
          debt('virtual-machine', machine),
          debt('recovery-vm-loan', loanOf(standing)),
          debt('run-command', runCommandIdOf(vmId, 'run-1')),
          debt('snapshot-access', snapshotAccessIdOf(snapshotId)),
        ],
      },
      { ending: 'not-repaired' },
    ),
  ];
}

/** Of the reports, for each kind of change and of resource that they know a way back from; as they are printed. */
export function reportedCommands(): string[] {
  const commands = repairs().flatMap((detail) => wayBack(detail).flatMap((way) => way.commands));
  return [...new Set(commands)].filter((command) => command.startsWith('az '));
}

/** The commands that the code of the reports can print, by their names. */
export function commandsOfReportCode(): string[] {
  const code = filesBelow('src/report', '.ts').map((file) => readFileSync(join(root, file), 'utf8'));
  // A comment that names a command has the closing quote right behind it.
  const names = code.flatMap((text) =>
    [...text.matchAll(/`az ((?:[a-z-]+ )+)(?=[-$])/g)].map((match) => match[1] ?? ''),
  );
  return [...new Set(names.map((name) => name.trim().replace(/ -.*/, '')))].sort();
}
