import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasPwsh, openPwshSession, runPwsh, type PwshEnd } from '../support/pwsh-session';
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

/** Runs one script in its shell, in the given folder with the given environment. */
type Shell = (file: string, variables: NodeJS.ProcessEnv) => Promise<PwshEnd>;

async function connect(variables: Record<string, string>, shell: Shell, file: string) {
  const { status, output, error } = await shell(file, {
    PATH: [folder, process.env.PATH].join(delimiter),
    HOME: folder,
    CALLS: join(folder, 'calls'),
    FAIL_ON: 'nothing fails',
    ...environment,
    ...variables,
  });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  const deployments = calls.filter((call) => call.startsWith('deployment '));
  return { status, stdout: output, stderr: error, deployments };
}

function sh(file: string, variables: NodeJS.ProcessEnv): Promise<PwshEnd> {
  const { status, stdout, stderr } = spawnSync('sh', [file], { cwd: projectFolder, encoding: 'utf8', env: variables });
  return Promise.resolve({ status, output: stdout, error: stderr });
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

const session = openPwshSession();

afterAll(async () => {
  await session.close();
});

function pwsh(file: string, variables: NodeJS.ProcessEnv): Promise<PwshEnd> {
  return session.run({ file, arguments: [], environment: variables, folder: projectFolder });
}

function ownPwsh(file: string, variables: NodeJS.ProcessEnv): Promise<PwshEnd> {
  return runPwsh({ file, arguments: [], environment: variables, folder: projectFolder });
}

const isInstalled = hasPwsh();
const file = { sh: join(infraFolder, 'hooks', 'connect.sh'), pwsh: join(infraFolder, 'hooks', 'connect.ps1') };
const shells = [
  { name: 'sh', shell: sh, file: file.sh, present: true },
  { name: 'pwsh', shell: pwsh, file: file.pwsh, present: isInstalled },
];

(isInstalled ? describe : describe.skip)('infra/connect: the hook in a `pwsh -File` of its own', () => {
  it('does the same as in the one that runs the cases', async () => {
    const failing = { TARGET_RESOURCE_GROUPS: 'vms-a,vms-b', FAIL_ON: '--resource-group vms-b' };
    const apart = await connect(failing, ownPwsh, file.pwsh);
    expect(apart.status).toBe(3);
    expect(apart.deployments.map(scopeAndTemplate)).toEqual([
      ['sub', undefined, 'infra/workbench.bicep'],
      ['group', 'vms-a', 'infra/grant.bicep'],
      ['group', 'vms-b', 'infra/grant.bicep'],
    ]);
    writeFileSync(join(folder, 'calls'), '');
    expect(await connect(failing, pwsh, file.pwsh)).toEqual(apart);
  });
});

for (const { name, shell, file, present } of shells) {
  const suite = present ? describe : describe.skip;

  suite(`infra/connect: the hook under ${name}`, () => {
    it('does nothing and says how to begin while no resource group is named', async () => {
      const { status, stdout, deployments } = await connect({}, shell, file);
      expect(status).toBe(0);
      expect(stdout).toContain('azd env set TARGET_RESOURCE_GROUPS');
      expect(deployments).toEqual([]);
    });

    it('makes the workbench, grants on each named group, then connects one alert rule over all of them', async () => {
      const { status, deployments } = await connect({ TARGET_RESOURCE_GROUPS: 'vms-a, vms-b' }, shell, file);
      expect(status).toBe(0);
      expect(deployments.map(scopeAndTemplate)).toEqual([
        ['sub', undefined, 'infra/workbench.bicep'],
        ['group', 'vms-a', 'infra/grant.bicep'],
        ['group', 'vms-b', 'infra/grant.bicep'],
        ['group', 'value-of-AZURE_RESOURCE_GROUP', 'infra/alerts.bicep'],
      ]);
      expect(deployments[3]).toContain('targetResourceGroups=vms-a,vms-b');
    });

    it('names no deployment of the subscription after the environment: azd down would take it for its own', async () => {
      const { deployments } = await connect(
        { TARGET_RESOURCE_GROUPS: 'vms', AZURE_ENV_NAME: 'my-lifeline' },
        shell,
        file,
      );
      const names = deployments.filter((call) => call.startsWith('deployment sub')).map(nameOf);
      expect(names).toEqual(['snapshot-workbench-value-of-AZURE_LOCATION']);
      expect(names.join()).not.toContain('my-lifeline');
    });

    it('passes the templates what they ask for, from the outputs of main.bicep', async () => {
      const { deployments } = await connect({ TARGET_RESOURCE_GROUPS: 'vms', TARGET_REGION: 'eastus' }, shell, file);
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

    it('stops when the workbench cannot be made: no repair may come that has nowhere to put its snapshot', async () => {
      const failing = { TARGET_RESOURCE_GROUPS: 'vms', FAIL_ON: 'infra/workbench.bicep' };
      const { status, deployments } = await connect(failing, shell, file);
      expect(status).toBe(3);
      expect(deployments).toHaveLength(1);
    });

    it('stops at the first grant that fails, so that no alert comes from a group that it may not look at', async () => {
      const { status, deployments } = await connect(
        { TARGET_RESOURCE_GROUPS: 'vms-a,vms-b', FAIL_ON: '--resource-group vms-a' },
        shell,
        file,
      );
      expect(status).toBe(3);
      expect(deployments.map(scopeAndTemplate)).toEqual([
        ['sub', undefined, 'infra/workbench.bicep'],
        ['group', 'vms-a', 'infra/grant.bicep'],
      ]);
    });

    it('says what is missing when the Azure CLI is not logged in', async () => {
      const { status, stderr, deployments } = await connect(
        { TARGET_RESOURCE_GROUPS: 'vms', FAIL_ON: 'account show' },
        shell,
        file,
      );
      expect(status).toBe(1);
      expect(stderr).toContain('az login');
      expect(deployments).toEqual([]);
    });
  });
}
