import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { infraFolder, projectFolder, readBicep } from './support/bicep';

/** What azd hands to a hook: the outputs of main.bicep and its own variables. */
const outputs = Object.fromEntries(readBicep('main.bicep').outputs.map(({ name }) => [name, `value-of-${name}`]));
const environment = { ...outputs, AZURE_ENV_NAME: 'test', AZURE_SUBSCRIPTION_ID: 'subscription' };

/** A stand-in for the Azure CLI: writes each call as one line of arguments, and fails when told to. */
const fakeAzureCli = `#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in *"$FAIL_ON"*) exit 3 ;; esac
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connect-'));
  writeFileSync(join(folder, 'az'), fakeAzureCli, { mode: 0o755 });
  writeFileSync(join(folder, 'calls'), '');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function connect(variables: Record<string, string>, command: string, file: string) {
  const { status, stdout, stderr } = spawnSync(command, [file], {
    cwd: projectFolder,
    encoding: 'utf8',
    env: {
      PATH: [folder, process.env.PATH].join(delimiter),
      HOME: folder,
      CALLS: join(folder, 'calls'),
      FAIL_ON: 'nothing fails',
      ...environment,
      ...variables,
    },
  });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  return { status, stdout, stderr, deployments: calls.filter((call) => call.startsWith('deployment ')) };
}

function passed(deployment: string): string[] {
  return [...deployment.matchAll(/ (\w+)=/g)].map((match) => match[1] ?? '');
}

/** `sub` or `group`, the resource group if there is one, and the template of a deployment. */
function scopeAndTemplate(deployment: string) {
  const scope = /^deployment (\w+) create/.exec(deployment)?.[1];
  const group = / --resource-group (\S+)/.exec(deployment)?.[1];
  return [scope, group, / --template-file (\S+)/.exec(deployment)?.[1]];
}

function nameOf(deployment: string): string | undefined {
  return / --name (\S+)/.exec(deployment)?.[1];
}

const hasPowerShell = spawnSync('pwsh', ['-Version']).status === 0;
const shells = [
  { command: 'sh', file: join(infraFolder, 'hooks', 'connect.sh'), present: true },
  { command: 'pwsh', file: join(infraFolder, 'hooks', 'connect.ps1'), present: hasPowerShell },
];

for (const { command, file, present } of shells) {
  const suite = present ? describe : describe.skip;

  suite(`infra/connect: the connect hook under ${command}`, () => {
    it('does nothing and says how to begin while no resource group is named', () => {
      const { status, stdout, deployments } = connect({}, command, file);
      expect(status).toBe(0);
      expect(stdout).toContain('azd env set TARGET_RESOURCE_GROUPS');
      expect(deployments).toEqual([]);
    });

    it('makes the workbench, grants on each named group, then connects one alert rule over all of them', () => {
      const { status, deployments } = connect({ TARGET_RESOURCE_GROUPS: 'vms-a, vms-b' }, command, file);
      expect(status).toBe(0);
      expect(deployments.map(scopeAndTemplate)).toEqual([
        ['sub', undefined, 'infra/workbench.bicep'],
        ['group', 'vms-a', 'infra/grant.bicep'],
        ['group', 'vms-b', 'infra/grant.bicep'],
        ['group', 'value-of-AZURE_RESOURCE_GROUP', 'infra/alerts.bicep'],
      ]);
      expect(deployments[3]).toContain('targetResourceGroups=vms-a,vms-b');
    });

    it('names no deployment of the subscription after the environment: azd down would take it for its own', () => {
      const { deployments } = connect({ TARGET_RESOURCE_GROUPS: 'vms', AZURE_ENV_NAME: 'my-lifeline' }, command, file);
      const names = deployments.filter((call) => call.startsWith('deployment sub')).map(nameOf);
      expect(names).toEqual(['snapshot-workbench-value-of-AZURE_LOCATION']);
      expect(names.join()).not.toContain('my-lifeline');
    });

    it('passes the templates what they ask for, from the outputs of main.bicep', () => {
      const { deployments } = connect({ TARGET_RESOURCE_GROUPS: 'vms', TARGET_REGION: 'eastus' }, command, file);
      const [workbench = '', grant = '', alerts = ''] = deployments;
      expect(passed(workbench).sort()).toEqual(
        readBicep('workbench.bicep')
          .parameters.map(({ name }) => name)
          .sort(),
      );
      expect(workbench).toContain('workbenchResourceGroupName=value-of-WORKBENCH_RESOURCE_GROUP');
      expect(workbench).toContain('workbenchRoleId=value-of-WORKBENCH_ROLE_ID');
      expect(workbench).toContain('repairPrincipalId=value-of-REPAIR_PRINCIPAL_ID');
      expect(passed(grant).sort()).toEqual(
        readBicep('grant.bicep')
          .parameters.map(({ name }) => name)
          .sort(),
      );
      const { parameters } = readBicep('alerts.bicep');
      expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(passed(alerts)));
      const required = parameters.filter(({ optional }) => !optional).map(({ name }) => name);
      expect(passed(alerts)).toEqual(expect.arrayContaining(required));
      expect(grant).toContain('repairPrincipalId=value-of-REPAIR_PRINCIPAL_ID');
      expect(alerts).toContain('targetRegion=eastus');
    });

    it('stops when the workbench cannot be made: no repair may come that has nowhere to put its snapshot', () => {
      const failing = { TARGET_RESOURCE_GROUPS: 'vms', FAIL_ON: 'infra/workbench.bicep' };
      const { status, deployments } = connect(failing, command, file);
      expect(status).toBe(3);
      expect(deployments).toHaveLength(1);
    });

    it('stops at the first grant that fails, so that no alert comes from a group that it may not look at', () => {
      const { status, deployments } = connect(
        { TARGET_RESOURCE_GROUPS: 'vms-a,vms-b', FAIL_ON: '--resource-group vms-a' },
        command,
        file,
      );
      expect(status).toBe(3);
      expect(deployments.map(scopeAndTemplate)).toEqual([
        ['sub', undefined, 'infra/workbench.bicep'],
        ['group', 'vms-a', 'infra/grant.bicep'],
      ]);
    });

    it('says what is missing when the Azure CLI is not logged in', () => {
      const { status, stderr, deployments } = connect(
        { TARGET_RESOURCE_GROUPS: 'vms', FAIL_ON: 'account show' },
        command,
        file,
      );
      expect(status).toBe(1);
      expect(stderr).toContain('az login');
      expect(deployments).toEqual([]);
    });
  });
}
