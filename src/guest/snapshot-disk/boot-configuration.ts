import { bootManagerId } from '../../windows/boot-object-id';
import { UnreadableError } from '../../disk/byte-source';
import { safeBootModes, type BootConfiguration, type BootLoader } from '../evidence';
import {
  effectiveElement,
  elements,
  integerOf,
  listOf,
  openBootEntries,
  ownElement,
  textOf,
  windowsLoaderType,
  type BootEntries,
  type BootObject,
} from './boot-entries';
import type { BootStore } from './boot-store';
import { attemptHere, reasonOf, type Finding } from './finding';
import { plainText } from '../plain-text';

const longestText = 200;
const mostOthers = 32;

/** What a boot store says, and where the Windows is that the next boot loads. */
export interface BootFinding extends Finding<BootConfiguration> {
  /** The data of the next loader's `osdevice`, if it has one. */
  osDevice?: Buffer;
  /** The next loader's `systemroot`: `\Windows`. */
  systemRoot?: string;
}

type Chosen = Pick<BootConfiguration, 'chosenBy'> & { object: BootObject; cautions: string[] };

/** Reads what the next boot takes. Throws an UnreadableError if the store does not say it. */
export async function readBootConfiguration(store: BootStore): Promise<BootFinding> {
  const entries = await openBootEntries(store.hive);
  const { objects, isCut } = await entries.list();
  const loaders = objects.filter(({ type }) => type === windowsLoaderType);
  const chosen = await chooseNext(entries, loaders);
  const next = await readLoader(entries, chosen.object);
  const others = await readOthers(entries, loaders, chosen.object);
  const osDevice = await effectiveElement(entries, chosen.object, elements.osDevice);
  const cautions = [...store.cautions, ...chosen.cautions, ...next.cautions, ...others.cautions];
  if (isCut) cautions.push(`the store has more objects than the ${objects.length} that were read`);
  return {
    fact: {
      kind: 'boot-configuration',
      next: next.loader,
      chosenBy: chosen.chosenBy,
      others: others.loaders,
      firmware: store.firmware,
    },
    place: `${store.place} › Objects\\${chosen.object.id}`,
    lastWritten: next.lastWritten,
    cautions,
    ...(osDevice ? { osDevice: osDevice.value.bytes } : {}),
    systemRoot: textOf((await effectiveElement(entries, chosen.object, elements.systemRoot))?.value),
  };
}

/**
 * A one-time `bootsequence` comes before `default`. assumed: where neither names a Windows loader of the store, the only
 * one is what boots; with several it is not known what the boot manager does, and nothing is said.
 */
async function chooseNext(entries: BootEntries, loaders: BootObject[]): Promise<Chosen> {
  const manager = await entries.find(bootManagerId);
  const cautions: string[] = manager ? [] : ['the store has no boot manager object'];
  const sequence = manager ? listOf((await ownElement(manager, elements.bootSequence))?.value) : [];
  const [first] = sequence;
  const sequenced = first === undefined ? undefined : await entries.find(first);
  if (sequenced?.type === windowsLoaderType) return { object: sequenced, chosenBy: 'bootsequence', cautions };
  if (first !== undefined) {
    cautions.push(`the one-time boot sequence begins with ${nameOf(first)}, which is no Windows loader of this store`);
  }
  const named = manager && textOf((await ownElement(manager, elements.defaultObject))?.value);
  const standard = named === undefined ? undefined : await entries.find(named);
  if (standard?.type === windowsLoaderType) return { object: standard, chosenBy: 'default', cautions };
  const because = named === undefined ? 'no default is set' : `the default ${nameOf(named)} is no Windows loader of it`;
  const only = await onlyWindows(entries, loaders);
  if (!only) {
    throw new UnreadableError(
      'not-found',
      `the boot store does not say which of ${loaders.length} loaders is next: ${because}`,
    );
  }
  return { object: only, chosenBy: 'only-loader', cautions: [...cautions, because] };
}

/** The one loader that is not a recovery environment or another Windows PE. */
async function onlyWindows(entries: BootEntries, loaders: BootObject[]): Promise<BootObject | undefined> {
  const windows = [];
  for (const loader of loaders) {
    const winPe = await effectiveElement(entries, loader, elements.winPe);
    if (!winPe || integerOf(winPe) === 0) windows.push(loader);
  }
  return windows.length === 1 ? windows[0] : undefined;
}

async function readLoader(entries: BootEntries, object: BootObject) {
  const safeboot = await effectiveElement(entries, object, elements.safeboot);
  const alternateShell = await effectiveElement(entries, object, elements.alternateShell);
  const description = textOf((await effectiveElement(entries, object, elements.description))?.value);
  const path = textOf((await effectiveElement(entries, object, elements.path))?.value);
  const number = safeboot && integerOf(safeboot);
  const isInherited = safeboot !== undefined && safeboot.objectId !== object.id;
  const loader: BootLoader = {
    id: object.id,
    ...(description === undefined ? {} : { description: plainText(description, longestText) }),
    ...(path === undefined ? {} : { path: plainText(path, longestText) }),
    ...(number === undefined ? {} : { safeboot: safeBootModes[number] ?? number }),
    ...(isInherited ? { safebootSetIn: safeboot.objectId } : {}),
    alternateShell: alternateShell !== undefined && integerOf(alternateShell) !== 0,
  };
  // Windows renews the time of `Elements` when an element is added or deleted, the element's own when it is changed.
  const times = [(await object.key.subkey('Elements'))?.lastWritten, safeboot?.lastWritten];
  const cautions = isInherited
    ? [`safeboot is not set in ${object.id} itself but in ${safeboot.objectId}, from which it inherits`]
    : [];
  return { loader, cautions, lastWritten: newest(times) };
}

/** A loader that is damaged does not hide the others. */
async function readOthers(entries: BootEntries, loaders: BootObject[], next: BootObject) {
  const rest = loaders.filter(({ id }) => id !== next.id);
  const cautions: string[] = [];
  const read: BootLoader[] = [];
  for (const object of rest.slice(0, mostOthers)) {
    const loader = await attemptHere(readLoader(entries, object));
    if (loader.ok) read.push(loader.value.loader);
    else cautions.push(`the loader ${object.id} could not be read (${reasonOf(loader.error)})`);
  }
  if (rest.length > mostOthers) cautions.push(`${rest.length - mostOthers} further loaders are not told`);
  return { loaders: read, cautions };
}

function nameOf(id: string): string {
  return plainText(id, 60);
}

function newest(times: (Date | undefined)[]): Date | undefined {
  return times.reduce((late, time) => (time && (!late || time > late) ? time : late), undefined);
}
