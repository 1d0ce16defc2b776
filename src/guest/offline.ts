import { isSameName, trimBlanks } from '../windows/console-text';
import { parsed, type Parsed } from '../windows/parsed';
import { singleValue } from '../windows/reg-query';
import {
  commandLine,
  nativeCommand,
  outputOf,
  resultOf,
  type GuestAnswer,
  type GuestCommand,
  type GuestCommandResult,
} from './command';
import {
  type ControlSets,
  type Evidence,
  type Fact,
  type Need,
  type ServiceConfiguration,
  type WindowsInstallation,
} from './evidence';
import { readBootConfiguration, readBootObject } from './live-boot';
import { serviceConfigurationIn } from './live-services';
import { inControlSets, inSet, nextSet, readControlSets, setsToChange, valuesIn } from './offline-control-sets';
import { controlSetName, hasKey, hiveKey, keysOf, loadHive, unloadHive, type OfflineDisk } from './offline-disk';

/**
 * Renders needs into native command lines for a recovery VM to which the patient's disk is attached, and reads the
 * answers. The counterpart of `live.ts`; what we write there stands in `offline-changes/`. Nothing is read of the
 * recovery VM itself: every path and key is the prepared disk's. What only a log tells (events, the last boot with its time)
 * is read off the snapshot of the stopped disk (`snapshot-disk/`), which holds the same.
 */

const offlineKinds = {
  'service-configuration': true,
  'boot-configuration': true,
  'boot-object': true,
  'control-sets': true,
  'windows-installation': true,
} as const satisfies Partial<Record<Need['kind'], true>>;

/** The needs that an attached disk can answer by commands. */
export type OfflineNeed = Extract<Need, { kind: keyof typeof offlineKinds }>;

/** Whether commands on an attached disk can answer this need. */
export function canReadOffline(need: Need): need is OfflineNeed {
  return need.kind in offlineKinds;
}

const versionKey = String.raw`Microsoft\Windows NT\CurrentVersion`;
const softwareValues = ['ProductName', 'CurrentBuildNumber'] as const;

/** The run that looks at the disk: hives are loaded for it, and unloaded by its last commands. */
export function renderOfflineLook(disk: OfflineDisk, needs: OfflineNeed[]): GuestCommand[] {
  const system = hiveKey(disk, 'SYSTEM');
  const wantsSoftware = needs.some(({ kind }) => kind === 'windows-installation');
  const commands = [
    ...loadHive(disk, 'SYSTEM'),
    { ...nativeCommand('select', 'reg.exe', 'query', `${system}\\Select`), onlyIf: [hasKey('SYSTEM', 'Select')] },
    ...(wantsSoftware ? [...loadHive(disk, 'SOFTWARE'), ...softwareCommands(disk)] : []),
    ...needs.flatMap((need) => renderNeed(disk, need)),
    ...(wantsSoftware ? [unloadHive(disk, 'SOFTWARE')] : []),
    unloadHive(disk, 'SYSTEM'),
  ];
  return [...new Map(commands.map((command) => [command.id, command])).values()];
}

function softwareCommands(disk: OfflineDisk): GuestCommand[] {
  const key = `${hiveKey(disk, 'SOFTWARE')}\\${versionKey}`;
  return softwareValues.map((name) => ({
    ...nativeCommand(`windows:${name}`, 'reg.exe', 'query', key, '/v', name),
    onlyIf: [hasKey('SOFTWARE', 'Microsoft')],
  }));
}

function renderNeed(disk: OfflineDisk, need: OfflineNeed): GuestCommand[] {
  switch (need.kind) {
    case 'service-configuration':
      return inControlSets(disk, `configuration:${need.service}`, `Services\\${need.service}`);
    case 'windows-installation':
      return [
        ...inControlSets(disk, 'product-type', String.raw`Control\ProductOptions`, '/v', 'ProductType'),
        ...inControlSets(disk, 'computer-name', computerNameKey, '/v', 'ComputerName'),
      ];
    case 'boot-configuration':
      return [
        bootCommand(disk, 'boot-manager', '/enum', '{bootmgr}', '/v'),
        bootCommand(disk, 'boot-loaders', '/enum', 'osloader', '/v'),
      ];
    case 'boot-object':
      return [bootCommand(disk, `boot-object:${need.object}`, '/enum', need.object, '/v')];
    case 'control-sets':
      return [];
  }
}

const computerNameKey = String.raw`Control\ComputerName\ComputerName`;

function bootCommand({ bootStore }: OfflineDisk, id: string, ...rest: string[]): GuestCommand {
  return nativeCommand(id, 'bcdedit.exe', '/store', bootStore, ...rest);
}

/** What a look at the disk gave. */
export interface OfflineLook {
  /** One item for each need, unreadable ones with the reason. */
  evidence: Evidence[];
  /** The control sets that a change is to be made in: the next boot's first. */
  controlSets: Parsed<number[]>;
  /** Hives that were loaded and are not known to be unloaded: the disk is not to be released as if all was well. */
  leftLoaded: string[];
}

/** Reads the answers. */
export function readOfflineLook(disk: OfflineDisk, needs: OfflineNeed[], answer: GuestAnswer): OfflineLook {
  const sets = readControlSets(answer);
  const evidence = needs.map((need): Evidence => {
    const from = { source: 'recovery-vm' as const, place: placeOf(disk, need, sets), readAt: answer.startedAt };
    const value = readNeed(disk, need, { answer, sets });
    return value.ok ? { ...value.value, from } : { kind: 'unreadable', need, reason: value.reason, from };
  });
  return { evidence, controlSets: setsToChange(sets), leftLoaded: hivesLeftLoaded(disk, answer) };
}

/** The hives that a run showed loaded and did not unload. */
export function hivesLeftLoaded(disk: OfflineDisk, answer: GuestAnswer): string[] {
  return (['SYSTEM', 'SOFTWARE'] as const)
    .filter((hive) => outputOf(resultOf(answer, keysOf(hive))).ok)
    .filter((hive) => !outputOf(resultOf(answer, `unload:${hive}`)).ok)
    .map((hive) => hiveKey(disk, hive));
}

function placeOf(disk: OfflineDisk, need: OfflineNeed, sets: Parsed<ControlSets>): string {
  const next = sets.ok ? controlSetName(sets.value.next) : controlSetName(1);
  const commands = renderNeed(disk, need).filter(({ id }) => !id.startsWith('ControlSet') || id.startsWith(next));
  const all = need.kind === 'windows-installation' ? [...commands, ...softwareCommands(disk)] : commands;
  return all.length === 0 ? `${disk.systemHive} › Select` : all.map(commandLine).join(' · ');
}

interface Answers {
  answer: GuestAnswer;
  sets: Parsed<ControlSets>;
}

function readNeed(disk: OfflineDisk, need: OfflineNeed, { answer, sets }: Answers): Parsed<Fact> {
  switch (need.kind) {
    case 'service-configuration':
      return inNextSet(sets, (number) =>
        readService(need.service, resultOf(answer, inSet(number, `configuration:${need.service}`))),
      );
    case 'windows-installation':
      return inNextSet(sets, (number) => readInstallation(answer, number));
    case 'boot-configuration': {
      const found = readBootConfiguration(resultOf(answer, 'boot-manager'), resultOf(answer, 'boot-loaders'));
      const firmware = disk.partitionStyle === 'gpt' ? ('uefi' as const) : ('bios' as const);
      return found.ok ? parsed({ ...found.value, firmware }) : found;
    }
    case 'boot-object':
      return readBootObject(need.object, resultOf(answer, `boot-object:${need.object}`));
    case 'control-sets':
      return sets;
  }
}

function inNextSet(sets: Parsed<ControlSets>, read: (number: number) => Parsed<Fact>): Parsed<Fact> {
  const next = nextSet(sets);
  return next.ok ? read(next.value) : next;
}

function readService(service: string, result: GuestCommandResult | undefined): Parsed<ServiceConfiguration> {
  const values = valuesIn(result);
  return values.ok ? serviceConfigurationIn(service, values.value) : values;
}

const longestText = 100;

/** Unreadable unless all is there, so that a domain controller is never taken for something else. */
function readInstallation(answer: GuestAnswer, number: number): Parsed<WindowsInstallation> {
  const text = (id: string, name: string): Parsed<string> => {
    const values = valuesIn(resultOf(answer, id));
    const value = values.ok ? singleValue(values.value, name) : values;
    return value.ok ? parsed(trimBlanks(value.value.data).slice(0, longestText)) : value;
  };
  const productName = text('windows:ProductName', 'ProductName');
  if (!productName.ok) return productName;
  const build = text('windows:CurrentBuildNumber', 'CurrentBuildNumber');
  if (!build.ok) return build;
  const productType = text(inSet(number, 'product-type'), 'ProductType');
  if (!productType.ok) return productType;
  const computerName = text(inSet(number, 'computer-name'), 'ComputerName');
  if (!computerName.ok) return computerName;
  return parsed({
    kind: 'windows-installation',
    computerName: computerName.value,
    productName: productName.value,
    build: build.value,
    isDomainController: isSameName(productType.value, 'LanmanNT'),
  });
}
