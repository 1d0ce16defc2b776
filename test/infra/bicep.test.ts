import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { infraFolder, projectFolder, readAllBicep, readBicep, type BicepFile } from './support/bicep';

const files = readAllBicep();
const main = readBicep('main.bicep');

/** The files that azd deploys: main.bicep and its modules. */
const deployedByAzd = withModules(main);

function withModules(file: BicepFile): BicepFile[] {
  return [file, ...file.modules.map((module) => moduleFile(file, module.path))];
}

function moduleFile(from: BicepFile, path: string): BicepFile {
  return readBicep(relative(infraFolder, resolve(from.folder, path)));
}

describe('infra/bicep: the Bicep files', () => {
  it('are all used: by main.bicep, by the hook that connects resource groups, or by a command of the guide', () => {
    const texts = [join(infraFolder, 'hooks', 'connect.sh'), join(projectFolder, 'docs', 'deploy.md')].map((path) =>
      readFileSync(path, 'utf8'),
    );
    const deployedByName = files.filter(({ path }) =>
      texts.some((text) => text.includes(`--template-file infra/${path}`)),
    );
    const used = [...deployedByAzd, ...deployedByName.flatMap(withModules)].map((file) => file.path);
    expect(deployedByAzd.length).toBeGreaterThan(5);
    expect(files.map((file) => file.path).filter((path) => !used.includes(path))).toEqual([]);
  });

  it.each(files)('$path references only local files that exist', (file) => {
    expect(file.code).not.toMatch(/'(br|ts)[:/]/);
    const modulePaths = [...file.code.matchAll(/^module \w+ '([^']+)'/gm)].map((match) => match[1] ?? '');
    expect(file.modules.map((module) => module.path)).toEqual(modulePaths);
    const loaded = [...file.code.matchAll(/load\w+Content\('([^']+)'/g)].map((match) => match[1] ?? '');
    for (const path of [...modulePaths, ...loaded]) {
      expect([path, existsSync(resolve(file.folder, path))]).toEqual([path, true]);
    }
  });

  it.each(files)('$path passes each module what it asks for, and nothing else', (file) => {
    for (const module of file.modules) {
      const { parameters } = moduleFile(file, module.path);
      const known = parameters.map((parameter) => parameter.name);
      const required = parameters.filter((parameter) => !parameter.optional).map((parameter) => parameter.name);
      expect(required.length).toBeGreaterThan(0);
      expect(known).toEqual(expect.arrayContaining(module.passes));
      expect(module.passes).toEqual(expect.arrayContaining(required));
    }
  });

  it.each(files)('$path reads only outputs that its modules have', (file) => {
    for (const [, symbol, output] of file.code.matchAll(/\b(\w+)\.outputs\.(\w+)/g)) {
      const module = file.modules.find((candidate) => candidate.symbol === symbol);
      const outputs = module ? moduleFile(file, module.path).outputs.map((candidate) => candidate.name) : [];
      expect(outputs).toContain(output);
    }
  });

  it.each(files)('$path uses every parameter that it declares', (file) => {
    const unused = file.parameters.filter(
      ({ name }) => [...file.code.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length < 2,
    );
    expect(unused).toEqual([]);
  });

  it.each(files)('$path closes every bracket and quotes every string', (file) => {
    expect(unbalanced(file.code)).toEqual([]);
  });

  it.each(files)('$path states an api version for every resource', (file) => {
    for (const [line] of file.code.matchAll(/^resource .*$/gm)) {
      expect(line).toMatch(/^resource \w+ 'Microsoft\.[\w.]+(\/\w+)+@\d{4}-\d{2}-\d{2}(-preview)?' (existing )?= \{$/);
    }
  });

  it.each(files)('$path puts no key or other secret into its outputs', (file) => {
    for (const { name, expression } of file.outputs) {
      expect(`${name} = ${expression}`).not.toMatch(
        /listKeys|\.list\w*\(|key|secret|password|connectionString|token|sas/i,
      );
    }
    const secret = /^var (\w+) = .*listKeys/gm;
    for (const [, variable] of file.code.matchAll(secret)) {
      expect(file.outputs.filter((output) => output.expression.includes(variable ?? ''))).toEqual([]);
    }
  });
});

describe('infra/bicep: main.bicep', () => {
  it('gets every required parameter from azd, and azd passes nothing unknown', () => {
    const given = JSON.parse(readFileSync(join(infraFolder, 'main.parameters.json'), 'utf8')) as {
      parameters: Record<string, { value: string }>;
    };
    expect(Object.keys(given.parameters).sort()).toEqual(main.parameters.map(({ name }) => name).sort());
  });

  it('puts its modules only into groups of its own: azd down deletes every group that it touched', () => {
    const own = [...main.code.matchAll(/^resource (\w+) 'Microsoft\.Resources\/resourceGroups@/gm)].map(
      ([, name]) => name,
    );
    const scopes = [...main.code.matchAll(/^ {2}scope: (.+)$/gm)].map(([, scope]) => scope);
    expect(own).toEqual(['appResourceGroup']);
    expect(scopes.length).toBeGreaterThan(3);
    expect(scopes.filter((scope) => !own.includes(scope))).toEqual([]);
    for (const file of deployedByAzd) {
      expect(file.code).not.toMatch(/resourceGroup\([^)]/);
    }
  });

  it('neither creates nor touches the workbench: azd down would delete every snapshot', () => {
    const paths = deployedByAzd.map((file) => file.path);
    expect(paths.filter((path) => path.includes('workbench'))).toEqual([]);
    // Its name is handed on as text, to the app's settings and to the hook, and is used for nothing else.
    const uses = main.code.split('\n').filter((line) => line.includes('workbenchResourceGroupName'));
    expect(uses.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^param workbenchResourceGroupName string/),
      'workbenchResourceGroupName: workbenchResourceGroupName',
      'output WORKBENCH_RESOURCE_GROUP string = workbenchResourceGroupName',
    ]);
    expect(readBicep('app/api.bicep').code.match(/workbenchResourceGroupName/g)).toHaveLength(2);
  });

  it('lists no keys: before the code is deployed the host has none', () => {
    for (const file of deployedByAzd) expect(file.code).not.toMatch(/listKeys|listkeys/);
  });

  it('marks the app as the service that azure.yaml names', () => {
    const azure = readFileSync(join(infraFolder, '..', 'azure.yaml'), 'utf8');
    const service = /^services:\n {2}(\w+):/m.exec(azure)?.[1];
    expect(service).toBeDefined();
    expect(readBicep('app/api.bicep').code).toContain(`'azd-service-name': '${service}'`);
  });

  it('closes storage and telemetry to keys', () => {
    const storage = readBicep('app/storage.bicep').code;
    expect(storage).toContain('allowSharedKeyAccess: false');
    expect(storage).toContain('allowBlobPublicAccess: false');
    expect(storage).toContain("minimumTlsVersion: 'TLS1_2'");
    expect(readBicep('app/monitoring.bicep').code).toContain('DisableLocalAuth: true');
  });
});

describe('infra/bicep: grant.bicep', () => {
  it('gives each identity what it is for', () => {
    const { code } = readBicep('grant.bicep');
    expect(assignmentsOf(code)).toEqual([
      { role: 'observeRoleId', principal: 'observePrincipalId' },
      { role: 'repairRoleId', principal: 'repairPrincipalId' },
    ]);
  });
});

describe('infra/bicep: workbench.bicep', () => {
  const workbench = readBicep('workbench.bicep');

  it('creates the group, lets the repair identity, and nobody else, make snapshots there, and the other one look', () => {
    expect(workbench.code).toMatch(
      /'Microsoft\.Resources\/resourceGroups@[\d-]+' = \{\s+name: workbenchResourceGroupName/,
    );
    expect(workbench.modules).toMatchObject([{ path: 'workbench-grant.bicep' }]);
    expect(workbench.code).toContain('scope: workbenchResourceGroup\n');
    expect(assignmentsOf(readBicep('workbench-grant.bicep').code)).toEqual([
      { role: 'workbenchRoleId', principal: 'repairPrincipalId' },
      { role: 'observeRoleId', principal: 'observePrincipalId' },
    ]);
  });

  it('carries nothing by which azd would take the group for its own', () => {
    expect(workbench.code).not.toMatch(/azd-|tags/);
  });

  it('creates the group that the app puts snapshots into', () => {
    expect(main.outputs).toContainEqual({
      name: 'WORKBENCH_RESOURCE_GROUP',
      expression: 'workbenchResourceGroupName',
    });
    expect(readBicep('app/api.bicep').code).toContain('WORKBENCH_RESOURCE_GROUP: workbenchResourceGroupName');
  });
});

describe('infra/bicep: alerts.bicep', () => {
  const { code } = readBicep('alerts.bicep');

  it('asks for the common alert schema, the only one that the app reads', () => {
    expect(code).toContain('useCommonAlertSchema: true');
  });

  it('opens one function, not all of them', () => {
    expect(code).toContain("listKeys('${functionApp.id}/functions/${functionName}'");
    expect(code).not.toContain('/host/default');
  });

  it('marks its alerts with a custom property', () => {
    expect(code).toMatch(/webHookProperties: \{\s+'rdp-lifeline': '[\w-]+'/);
  });

  it('creates the rule whose id main.bicep allows', () => {
    expect(code).toMatch(/'Microsoft\.Insights\/metricAlerts@[\d-]+' = \{\s+name: alertRuleName/);
    expect(main.code).toContain('${appResourceGroup.id}/providers/Microsoft.Insights/metricAlerts/${alertRuleName}');
    expect(main.outputs).toContainEqual({ name: 'ALERT_RULE_NAME', expression: 'alertRuleName' });
  });
});

describe('infra/bicep: health-events.bicep', () => {
  const { code } = readBicep('health-events.bicep');

  it('hands the events to the function that main.ts registers', () => {
    const registered = readFileSync(join(projectFolder, 'src', 'main.ts'), 'utf8');
    const functionName = /param functionName string = '(\w+)'/.exec(code)?.[1] ?? 'none';
    expect(registered).toContain(`registerEventDoor('${functionName}'`);
    expect(code).toContain("resourceId: '${functionApp.id}/functions/${functionName}'");
  });

  it('subscribes to what the app reads, of the subscription, without a stored key', () => {
    const types = [...code.matchAll(/'Microsoft\.ResourceNotifications\.HealthResources\.(\w+)'/g)].map(
      (match) => match[1],
    );
    expect(types).toEqual(['AvailabilityStatusChanged', 'ResourceAnnotated']);
    expect(code).toContain("topicType: 'microsoft.resourcenotifications.healthresources'");
    expect(code).not.toMatch(/listKeys|WebHook/i);
  });
});

/** Who gets which role, as the file's parameters name them. */
function assignmentsOf(code: string) {
  const assignments = code.matchAll(/roleDefinitionId: (\w+)\s+principalId: (\w+)/g);
  return [...assignments].map(([, role, principal]) => ({ role, principal }));
}

/** The lines with a string left open, and the brackets without a partner. */
function unbalanced(code: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  const partner: Record<string, string> = { '}': '{', ']': '[', ')': '(' };
  for (const line of code.split('\n')) {
    const bare = withoutStrings(line);
    if (bare.includes("'")) problems.push(line);
    for (const character of bare) {
      if ('{[('.includes(character)) open.push(character);
      if (character in partner && open.pop() !== partner[character]) problems.push(line);
    }
  }
  return [...problems, ...open];
}

/** Takes strings away from the inside out: an interpolation may hold strings of its own. */
function withoutStrings(line: string): string {
  const shorter = line.replace(/\$\{[^{}']*\}/, '').replace(/'[^'$]*'/, '');
  return shorter === line ? line : withoutStrings(shorter);
}
