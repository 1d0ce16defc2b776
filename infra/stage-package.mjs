// Puts what is deployed into dist/package: the bundle, host.json and a package.json without scripts or dependencies.
// azd may have the package built again in Azure ("remote build", the default for Node: Azure/azure-dev#6531); this
// package gives that build nothing to install and nothing to run, so what was built and tested here is what runs there.
//
//   node infra/stage-package.mjs [project folder]
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const project = process.argv[2] ?? '.';
const bundle = join(project, 'dist', 'main.js');
if (!existsSync(bundle)) {
  console.error(`${bundle} is missing: run "npm run build" first.`);
  process.exit(1);
}

const { name, version, main } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const folder = join(project, 'dist', 'package');
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'dist'), { recursive: true });
copyFileSync(bundle, join(folder, 'dist', 'main.js'));
copyFileSync(join(project, 'host.json'), join(folder, 'host.json'));
writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ name, version, private: true, main }, null, 2)}\n`);
