import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a role of `infra/roles` grants. */
export function actionsOfRole(name: 'observe' | 'repair' | 'workbench' | 'recovery' | 'helper'): string[] {
  const file = join(__dirname, '../../../../infra/roles', `${name}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { Actions: string[] }).Actions;
}
