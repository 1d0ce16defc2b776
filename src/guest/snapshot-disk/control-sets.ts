import { UnreadableError } from '../../disk/byte-source';
import type { ControlSets } from '../evidence';
import { numberIn } from './current-hive';
import type { Finding } from './finding';
import { keyPlace, type Windows } from './windows';

const controlSet = /^ControlSet(\d{3})$/iu;
/** The root of a SYSTEM hive has about ten keys. */
const mostKeys = 1000;

/** Which control sets there are. `next` is told as it stands, also where it names none that is there. */
export async function readControlSets(windows: Windows): Promise<Finding<ControlSets>> {
  const system = await windows.system();
  const select = await system.hive.findKey(['Select']);
  const next = await numberIn(select, 'Default');
  if (!select || next === undefined) {
    throw new UnreadableError('not-found', `${system.path} does not say which control set is next: no Select\\Default`);
  }
  const present: number[] = [];
  let seen = 0;
  for await (const { name } of (await system.hive.root()).subkeys()) {
    const number = controlSet.exec(name)?.[1];
    if (number !== undefined) present.push(Number(number));
    seen += 1;
    if (seen >= mostKeys) break;
  }
  const cautions = present.includes(next) ? [] : [`Select\\Default is ${next}, and there is no such control set`];
  return {
    fact: {
      kind: 'control-sets',
      next,
      // 0 is how Windows says "none".
      current: (await numberIn(select, 'Current')) ?? 0,
      failed: (await numberIn(select, 'Failed')) ?? 0,
      lastKnownGood: (await numberIn(select, 'LastKnownGood')) ?? 0,
      present: present.toSorted((one, other) => one - other),
    },
    place: keyPlace(system, ['Select']),
    lastWritten: select.lastWritten,
    cautions: [...system.cautions, ...cautions],
  };
}
