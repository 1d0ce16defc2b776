import { wayBack } from '../../src/report/way-back';
import { changeOnCopy, copyOf, rollbackOf, swapOf } from '../../src/activities/recovery/names';
import { diskIdOf, virtualMachineIdOf } from '../../src/azure/resource-id';
import { networkInterfaceIdOf } from '../../src/azure/network-id';
import { allOf, noUndo, nothingToUndo, undoBy, type Undo } from '../../src/guest/undo';
import type { ResourceRecord } from '../../src/ledger/ports';
import { subscriptionId, vmId } from '../azure/support/machine';
import { recordOf, resourceOf, swapped } from '../ledger/support/resources';
import { changeRecord, repairDetail, repairId, snapshotId, snapshotRecord } from './support/details';

const startService = changeRecord({
  change: 'start-service:Dhcp',
  title: 'Start the service Dhcp',
  undo: undoBy('sc.exe', 'stop', 'Dhcp'),
});

describe('report/way-back', () => {
  it('is nothing when nothing was done', () => {
    expect(wayBack(repairDetail())).toEqual([]);
  });

  it('undoes the last change first, by one exact command', () => {
    expect(wayBack(repairDetail({ changes: [changeRecord(), startService] }))).toEqual([
      {
        undoes: 'the changes in the guest: Start the service Dhcp; Set the start type of the service Dhcp to automatic',
        commands: [
          `az vm run-command invoke --ids ${vmId} --command-id RunPowerShellScript --scripts "sc.exe stop Dhcp" "sc.exe config Dhcp start= disabled"`,
        ],
      },
    ]);
  });

  it('quotes what means something to the PowerShell that runs it, and puts words of the registry in quotes', () => {
    const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
    const terminalServer = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server`;
    const rule = ['advfirewall', 'firewall', 'set', 'rule', 'group=remote desktop', 'new', 'enable=No'];
    const undos: [Undo, string][] = [
      [undoBy('bcdedit.exe', '/set', object, 'safeboot', 'minimal'), `bcdedit.exe /set '${object}' safeboot minimal`],
      [
        undoBy('sc.exe', 'config', 'Dhcp', 'obj=', String.raw`NT AUTHORITY\NetworkService`),
        String.raw`sc.exe config Dhcp obj= 'NT AUTHORITY\NetworkService'`,
      ],
      [
        undoBy('reg.exe', 'add', terminalServer, '/v', 'fDenyTSConnections', '/t', 'REG_DWORD', '/d', '0x1', '/f'),
        `reg.exe add '${terminalServer}' /v fDenyTSConnections /t REG_DWORD /d '0x1' /f`,
      ],
      [undoBy('netsh.exe', ...rule), `netsh.exe advfirewall firewall set rule 'group=remote desktop' new enable=No`],
    ];
    for (const [undo, line] of undos) {
      const [way] = wayBack(repairDetail({ changes: [changeRecord({ undo })] }));
      expect(way?.commands[0]).toContain(` --scripts "${line}"`);
      expect(way?.note).toBeUndefined();
    }
  });

  it('encodes a line that bash, PowerShell and cmd would read differently, and says what it runs', () => {
    const undo = undoBy('reg.exe', 'add', 'HKLM', '/v', 'DumpFile', '/d', String.raw`%SystemRoot%\MEMORY.DMP`, '/f');
    const [way] = wayBack(repairDetail({ changes: [changeRecord({ undo })] }));
    const line = String.raw`reg.exe add HKLM /v DumpFile /d '%SystemRoot%\MEMORY.DMP' /f`;
    const encoded = Buffer.from(line, 'utf16le').toString('base64');
    expect(way?.commands[0]).toContain(
      ` --scripts "powershell.exe -NoProfile -NonInteractive -EncodedCommand ${encoded}"`,
    );
    expect(way?.note).toBe(`An encoded line runs: ${line}`);
  });

  it('says what no command takes back, and why, beside what the commands do', () => {
    const account = changeRecord({ title: 'Set the account', undo: noUndo('it needs the password of CORP\\svc') });
    const partly: Undo = { ...undoBy('sc.exe', 'stop', 'Dhcp'), except: 'one control set was not read' } as Undo;
    const ways = wayBack(repairDetail({ changes: [account] }));
    expect(ways).toEqual([
      {
        undoes: 'the changes in the guest: Set the account',
        commands: [],
        note: 'No command takes this back: Set the account (it needs the password of CORP\\svc).',
      },
    ]);
    const [both] = wayBack(repairDetail({ changes: [account, changeRecord({ title: 'Stop it', undo: partly })] }));
    expect(both?.commands).toHaveLength(1);
    expect(both?.note).toContain('Stop it (one control set was not read).');
    expect(both?.note).toContain('Set the account (it needs');
  });

  it('splits what is too long for one command, in order', () => {
    const values = Array.from({ length: 40 }, (_, index) => `${'v'.repeat(900)}${index}`);
    const changes = values.map((value) => changeRecord({ undo: undoBy('reg.exe', 'add', 'HKLM', '/d', value) }));
    const [way] = wayBack(repairDetail({ changes }));
    expect(way?.commands.length).toBeGreaterThan(1);
    for (const command of way?.commands ?? []) expect(command.length).toBeLessThan(8_191);
    const told = (way?.commands ?? []).flatMap((command) =>
      [...command.matchAll(/v+(\d+)/g)].map(([, at]) => Number(at)),
    );
    expect(told).toEqual(values.map((_value, index) => index).reverse());
  });

  it('names a change whose outcome is not known: it may have been made', () => {
    const begun = changeRecord({ after: undefined, written: undefined });
    const failed = { ...startService, after: 'failed: read again, it is still stopped', written: undefined };
    expect(wayBack(repairDetail({ changes: [begun, failed] }))[0]?.commands[0]).toContain('"sc.exe stop Dhcp"');
    expect(wayBack(repairDetail({ changes: [begun] }))[0]?.commands[0]).toContain('start= disabled');
  });

  it('says nothing of a change that was left alone, whatever undo was recorded before it', () => {
    const leftAlone = changeRecord({ after: 'left alone: Start = 2 (automatic)', written: false });
    expect(wayBack(repairDetail({ changes: [leftAlone] }))).toEqual([]);
  });

  it('says nothing of a change that left nothing to undo', () => {
    const ran = changeRecord({ undo: nothingToUndo('it ran already') });
    expect(wayBack(repairDetail({ changes: [ran] }))).toEqual([]);
  });

  it('puts a disk of the snapshot under the VM, and tells how to drop the snapshot', () => {
    const disk = `vm-1-rdp-lifeline-${repairId}`;
    expect(wayBack(repairDetail({ resources: [snapshotRecord()] })).map(({ commands }) => commands)).toEqual([
      [
        `az disk create --subscription ${subscriptionId} --resource-group rg-app --name ${disk} --source ${snapshotId}`,
        `az vm stop --ids ${vmId}`,
        `az vm update --ids ${vmId} --os-disk ${disk}`,
        `az vm start --ids ${vmId}`,
      ],
      [`az snapshot delete --ids ${snapshotId}`],
    ]);
  });

  it('makes the disk like the one that it replaces, and never names a security type, which Azure refuses of a copy', () => {
    const osDiskTraits = {
      location: 'westeurope',
      zone: '2',
      sku: 'StandardSSD_LRS',
      hyperVGeneration: 'V2',
      securityType: 'TrustedLaunch',
    };
    const detail = repairDetail({ resources: [snapshotRecord()], documents: { inspection: { vm: { osDiskTraits } } } });

    expect(wayBack(detail)[0]?.commands[0]).toMatch(
      / --location westeurope --zone 2 --sku StandardSSD_LRS --os-type Windows --hyper-v-generation V2$/,
    );
  });

  it('leaves out a trait that is not made of plain characters', () => {
    const osDiskTraits = { location: 'westeurope; id', sku: '$(id)', hyperVGeneration: 'V1' };
    const detail = repairDetail({ resources: [snapshotRecord()], documents: { inspection: { vm: { osDiskTraits } } } });

    expect(wayBack(detail)[0]?.commands[0]).toMatch(
      new RegExp(`${snapshotId} --os-type Windows --hyper-v-generation V1$`),
    );
  });

  it.each([
    ['never came to be', snapshotRecord({ createdAt: undefined })],
    ['was deleted', snapshotRecord({ deletedAt: '2026-01-03T00:00:00.000Z' })],
    [
      'is no snapshot',
      recordOf(resourceOf('run-command', `${vmId}/runCommands/run-1`), {
        createdAt: '2026-01-02T03:05:00.000Z',
      }),
    ],
  ])('says nothing of a resource that %s', (_what, resource) => {
    expect(wayBack(repairDetail({ resources: [resource] }))).toEqual([]);
  });

  it('quotes a resource group with brackets, which shells would take for their own', () => {
    const withBrackets = vmId.replace('rg-app', 'rg(app)');
    const detail = repairDetail({ changes: [changeRecord()], resources: [snapshotRecord()] }, { vmId: withBrackets });
    const commands = wayBack(detail).flatMap((way) => way.commands);
    expect(commands).toContain(`az vm start --ids "${withBrackets}"`);
    for (const command of commands) expect(command.replaceAll(/"[^"]*"/g, '')).not.toMatch(/[()]/);
  });

  it.each(['/subscriptions/x; rm -rf /', '$(id)', ''])('gives no command for the hostile VM id %j', (hostile) => {
    const detail = repairDetail({ changes: [changeRecord()], resources: [snapshotRecord()] }, { vmId: hostile });
    expect(wayBack(detail)).toEqual([]);
  });

  it('gives no command for a hostile snapshot id', () => {
    expect(wayBack(repairDetail({ resources: [snapshotRecord({ resourceId: `${snapshotId}; id` })] }))).toEqual([]);
  });

  it('gives each disk a name of its own that Azure takes, however long the VM’s name is', () => {
    const stopped = snapshotRecord({ resourceId: `${snapshotId}-stopped-1`, details: { role: 'stopped', round: 1 } });
    const resources = [snapshotRecord(), stopped];
    const detail = repairDetail({ resources }, { vmId: vmId.replace('vm-1', 'v'.repeat(64)) });
    const names = wayBack(detail).flatMap(({ commands }) => / --name (\S+)/.exec(commands[0] ?? '')?.[1] ?? []);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][\w.-]{0,78}\w$/);
  });

  it('says of several snapshots which is which, in every entry', () => {
    const resources = [
      snapshotRecord(),
      snapshotRecord({ resourceId: `${snapshotId}-stopped-1`, details: { role: 'stopped', round: 1 } }),
      snapshotRecord({ resourceId: `${snapshotId}-stopped-2`, details: { role: 'stopped', round: 2 } }),
      snapshotRecord({ resourceId: `${snapshotId}-x`, details: { role: 'before-rollback' } }),
    ];
    const told = wayBack(repairDetail({ resources })).map(({ undoes }) => undoes);
    expect(new Set(told).size).toBe(8);
    for (const which of ['first snapshot', 'of round 1', 'of round 2', 'before the rollback']) {
      expect(told.filter((text) => text.includes(which))).toHaveLength(2);
    }
  });

  describe('of a domain controller', () => {
    const at = '2026-01-02T03:05:00.000Z';
    const installed = (isDomainController: boolean) => ({
      ...{ kind: 'windows-installation', computerName: 'VM', productName: 'x', build: '1', isDomainController },
      from: { source: 'snapshot-disk', place: 'x', readAt: at },
    });
    const copyId = diskIdOf(subscriptionId, 'rg-app', 'copy');
    const resources = [
      snapshotRecord(),
      recordOf(
        {
          ...{ resourceId: swapOf({ repairId, vmId }, 1), kind: 'os-disk-swap' },
          details: { direction: 'swap', round: 1, copyId, originalId: diskIdOf(subscriptionId, 'rg-app', 'original') },
        },
        { lifetime: 'kept', createdAt: at },
      ),
      recordOf(
        {
          ...{ resourceId: rollbackOf({ repairId, vmId }), kind: 'os-disk-swap' },
          details: { direction: 'rollback', copyId, originalId: diskIdOf(subscriptionId, 'rg-app', 'original') },
        },
        { lifetime: 'kept', createdAt: at },
      ),
    ];
    const waysWith = (evidence: unknown[]) =>
      wayBack(
        repairDetail(
          {
            resources,
            changes: [changeRecord()],
            documents: { 'stopped-round-1': { stoppedAt: at }, 'evidence-snapshot-disk': { evidence } },
          },
          { ending: 'repaired' },
        ),
      );

    it('has no line that puts back or restores a disk, but one sentence why; all else stays', () => {
      const ways = waysWith([installed(true)]);
      const commands = ways.flatMap((way) => way.commands).join('\n');
      expect(commands).not.toMatch(/--os-disk|az disk create|rollback/);
      expect(commands).toContain('az vm run-command invoke');
      expect(commands).toContain('az snapshot delete');
      const said = ways.filter(({ note }) => note?.includes('USN rollback'));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatchObject({
        commands: [],
        note: expect.stringContaining('is a domain controller') as string,
      });
    });

    it('is believed if any source says so', () => {
      expect(JSON.stringify(waysWith([installed(false), installed(true)]))).not.toContain('--os-disk');
    });

    it('has all of it, without a word of it, where Windows is none', () => {
      const ways = waysWith([installed(false)]);
      expect(JSON.stringify(ways)).not.toContain('USN');
      expect(ways.filter(({ commands }) => commands.join().includes('--os-disk'))).toHaveLength(3);
    });

    it.each<[string, unknown[]]>([
      ['was not read', []],
      ['is told by a document that is none', [{ ...installed(false), isDomainController: 'no' }]],
    ])('is warned of in each such entry where it %s', (_what, evidence) => {
      const ofDisks = waysWith(evidence).filter(({ commands }) => /--os-disk|\/rollback"/.test(commands.join()));
      expect(ofDisks).toHaveLength(4);
      for (const { note } of ofDisks) expect(note).toContain('whether Windows is one is not known');
    });
  });
});

const originalId = diskIdOf(subscriptionId, 'rg-app', 'vm-1_OsDisk');
const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);
const at = '2026-01-02T03:20:00.000Z';

const disks = { copyId, originalId };
const swapId = swapOf({ repairId, vmId }, 1);
const stopped = recordOf(resourceOf('power-off', `${vmId}/powerOff/round-1`), { createdAt: at });
const begun = recordOf(resourceOf('os-disk-swap', swapId, disks));
const kept = { lifetime: 'kept', createdAt: at } as const;
const confirmed = { ...begun, lifetime: 'kept' as const, createdAt: at };
const copy = recordOf(resourceOf('disk', copyId), { createdAt: at });
const original = recordOf(resourceOf('disk', originalId), { lifetime: 'kept', createdAt: at });
const onCopy = changeRecord({
  change: changeOnCopy('set-service-start-type:Dhcp', 1),
  place: { kind: 'copy', round: 1 },
});

const show = `az vm show --ids ${vmId} --query storageProfile.osDisk.managedDisk.id --output tsv`;
const exchange = [`az vm stop --ids ${vmId}`, `az vm update --ids ${vmId} --os-disk ${originalId}`];
const start = `az vm start --ids ${vmId}`;

/** The commands of each way, for what is on record. */
function commandsFor(resources: ResourceRecord[], ending?: 'not-repaired') {
  return wayBack(repairDetail({ resources }, ending ? { ending } : {})).map(({ commands }) => commands);
}

describe('report/way-back: of the route recovery-vm', () => {
  it('starts a VM that we stopped, also while it is not known whether it has stopped', () => {
    expect(commandsFor([stopped])).toEqual([[start]]);
    expect(commandsFor([{ ...stopped, createdAt: undefined }])).toEqual([[start]]);
    expect(commandsFor([{ ...stopped, deletedAt: at }])).toEqual([]);
  });

  it('looks which disk the VM has before it undoes an exchange whose outcome is not known', () => {
    const [, way] = wayBack(repairDetail({ resources: [stopped, begun, copy] }));
    expect(way?.commands).toEqual([show, ...exchange, start]);
    expect(way?.undoes).toContain(`only if it is ${copyId}`);
  });

  it('puts the original disk back by its id, without giving up the host, and says what is lost', () => {
    const [way] = wayBack(repairDetail({ resources: [confirmed, copy, original] }));
    expect(way?.commands).toEqual([...exchange, start]);
    expect(way?.commands.join()).not.toContain('deallocate');
    expect(way?.undoes).toContain(`at ${at}`);
    expect(way?.undoes).toContain(`what was written since stays on ${copyId} only`);
  });

  it('never offers to delete a disk that the VM has or may have, nor the original', () => {
    for (const swap of [begun, confirmed]) {
      expect(commandsFor([swap, copy, original]).flat().join()).not.toContain('az disk delete');
    }
  });

  it('knows the exchange no more once it was taken back, and tells how to drop the rejected copy', () => {
    const rejected = { ...copy, lifetime: 'kept' as const };
    const takenBack = { ...confirmed, deletedAt: at };
    expect(commandsFor([takenBack, rejected, { ...original, deletedAt: at }], 'not-repaired')).toEqual([
      [`az disk delete --ids ${copyId} --yes`],
    ]);
  });

  it('tells how to remove what was left behind, the VM first', () => {
    const machine = virtualMachineIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}`);
    const nic = networkInterfaceIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repairId}-nic`);
    const resources = [
      copy,
      recordOf(resourceOf('network-interface', nic)),
      recordOf(resourceOf('virtual-machine', machine)),
    ];
    expect(commandsFor(resources, 'not-repaired').flat()).toEqual([
      `az vm delete --ids ${machine} --yes`,
      `az network nic delete --ids ${nic}`,
      `az disk delete --ids ${copyId} --yes`,
    ]);
    const [running] = wayBack(repairDetail({ resources }));
    expect(running?.undoes).toContain('only once the repair has ended');
  });

  it.each([
    ['before the exchange', [copy]],
    ['while its outcome is not known', [begun, copy]],
    ['after it was taken back', [{ ...confirmed, deletedAt: at }, copy]],
    [
      'when the VM has another copy',
      [
        recordOf({ resourceId: swapOf({ repairId, vmId }, 2), kind: 'os-disk-swap', details: swapped(disks, 2) }, kept),
        copy,
      ],
    ],
  ])('does not undo in the guest what was done on the copy %s', (_when, resources) => {
    const commands = wayBack(repairDetail({ changes: [onCopy], resources })).flatMap((way) => way.commands);
    expect(commands.join()).not.toContain('run-command');
  });

  it('undoes in the guest what was done on the copy that the VM runs from, line by line', () => {
    const two = {
      ...onCopy,
      undo: allOf([undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'), undoBy('reg.exe', 'add', 'HKLM', '/f')]),
    };
    const [way] = wayBack(repairDetail({ changes: [two], resources: [confirmed, copy] }));
    expect(way?.commands[0]).toContain('--scripts "sc.exe config Dhcp start= disabled" "reg.exe add HKLM /f"');
  });

  it('gives no command for a hostile disk id', () => {
    for (const hostile of [{ copyId: `${copyId};id` }, { originalId: `${originalId};id` }]) {
      expect(commandsFor([recordOf(resourceOf('os-disk-swap', swapId, { ...disks, ...hostile }), kept)])).toEqual([]);
    }
    expect(commandsFor([recordOf(resourceOf('disk', `${copyId};id`))])).toEqual([]);
  });

  it('is about the same ids as the activities', () => {
    expect(copyOf({ repairId, vmId }, { osDiskId: originalId } as never, 1)).toBe(copyId);
  });
});
