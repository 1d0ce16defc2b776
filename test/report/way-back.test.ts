import { wayBack } from '../../src/report/way-back';
import { subscriptionId, vmId } from '../azure/machine';
import { changeRecord, repairDetail, repairId, snapshotId, snapshotRecord } from './details';

const startService = changeRecord({
  change: 'start-service:Dhcp',
  title: 'Start the service Dhcp',
  undo: 'sc.exe stop Dhcp',
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

  it('quotes the braces of a boot entry, which are code to the PowerShell that runs it', () => {
    const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
    const flag = changeRecord({ undo: `bcdedit.exe /set ${object} safeboot minimal` });
    expect(wayBack(repairDetail({ changes: [flag] }))[0]?.commands[0]).toContain(
      `--scripts "bcdedit.exe /set '${object}' safeboot minimal"`,
    );
    for (const hostile of ['{current}', '{a b}', '{c2a7b6ef} {', "{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f0'}"]) {
      const undo = `bcdedit.exe /set ${hostile} safeboot minimal`;
      expect(wayBack(repairDetail({ changes: [changeRecord({ undo })] }))).toEqual([]);
    }
  });

  it('quotes an account in a way that bash, cmd and PowerShell take', () => {
    const account = changeRecord({ undo: String.raw`sc.exe config Dhcp obj= "NT AUTHORITY\NetworkService"` });
    expect(wayBack(repairDetail({ changes: [account] }))[0]?.commands[0]).toContain(
      String.raw`--scripts "sc.exe config Dhcp obj= 'NT AUTHORITY\NetworkService'"`,
    );
    for (const hostile of ['"a" "b', '"$(id)"', String.raw`"a\"`, '"a`id`"', `"a'b"`]) {
      const undo = `sc.exe config Dhcp obj= ${hostile}`;
      expect(wayBack(repairDetail({ changes: [changeRecord({ undo })] }))).toEqual([]);
    }
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

  it('says nothing of a change that cannot be undone by a command', () => {
    const unknown = changeRecord({ undo: '(the start type before could not be read; see the snapshot)' });
    expect(wayBack(repairDetail({ changes: [unknown] }))).toEqual([]);
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

  it('makes the disk like the one that it replaces: where it is, what it is, and its generation', () => {
    const osDiskTraits = {
      location: 'westeurope',
      zone: '2',
      sku: 'StandardSSD_LRS',
      hyperVGeneration: 'V2',
      securityType: 'TrustedLaunch',
    };
    const detail = repairDetail({ resources: [snapshotRecord()], documents: { inspection: { vm: { osDiskTraits } } } });

    expect(wayBack(detail)[0]?.commands[0]).toMatch(
      / --location westeurope --zone 2 --sku StandardSSD_LRS --os-type Windows --hyper-v-generation V2 --security-type TrustedLaunch$/,
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
    ['is no snapshot', snapshotRecord({ kind: 'run-command', lifetime: 'temporary' })],
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

  it.each(['sc.exe stop Dhcp"; Remove-Item C:\\', 'sc.exe stop $(id)', 'sc.exe stop `id`', 'a\nb', "a'b", 'a & b'])(
    'leaves out the hostile undo %j rather than escape it',
    (undo) => {
      expect(wayBack(repairDetail({ changes: [changeRecord({ undo })] }))).toEqual([]);
    },
  );

  it.each(['/subscriptions/x; rm -rf /', '$(id)', ''])('gives no command for the hostile VM id %j', (hostile) => {
    const detail = repairDetail({ changes: [changeRecord()], resources: [snapshotRecord()] }, { vmId: hostile });
    expect(wayBack(detail)).toEqual([]);
  });

  it('gives no command for a hostile snapshot id', () => {
    expect(wayBack(repairDetail({ resources: [snapshotRecord({ resourceId: `${snapshotId}; id` })] }))).toEqual([]);
  });

  it('gives the disk a name that Azure takes, however long the VM’s name is', () => {
    const detail = repairDetail({ resources: [snapshotRecord()] }, { vmId: vmId.replace('vm-1', 'v'.repeat(64)) });
    const name = / --name (\S+)/.exec(wayBack(detail)[0]?.commands[0] ?? '')?.[1];
    expect(name).toMatch(/^[A-Za-z0-9][\w.-]{0,78}\w$/);
  });
});
