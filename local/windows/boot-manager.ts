/** What the Windows boot manager does with a disk: which loader it takes, and how that one is to start Windows. */
import {
  bootElements,
  bootNumber,
  bootObjectList,
  bootObjects,
  bootObjectType,
  deleteBootElement,
  hasBootStore,
  objectTypes,
  readBootElement,
  wellKnownObjects,
} from './boot-store';
import type { DiskContent } from './content';
import { controlSetPath } from './service-configuration';

/** https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdlibrary-safeboot */
export type SafeMode = 'Minimal' | 'Network' | 'DsRepair';

/** In the order of element 25000080's values; the kernel counts from 1 (`Option\OptionValue`, event 12's `BootMode`). */
export const safeModes: readonly SafeMode[] = ['Minimal', 'Network', 'DsRepair'];

/** The loader that was taken. */
export interface BootChoice {
  loader: string;
  safeMode: SafeMode | undefined;
  alternateShell: boolean;
  /** The kernel's options, as `Control\SystemStartOptions` and event 27 of Kernel-Boot tell them. */
  loadOptions: string;
}

/** Why a disk does not boot, as the boot manager's screen says it. */
export interface BootFailure {
  /** The NTSTATUS on the screen. */
  code: 0xc000000f | 0xc0000034 | 0xc000014c;
  file: string;
  text: string;
  /** What the simulation found wrong with the disk, where it could not even be mounted. */
  reason?: string;
}

/**
 * The English texts of the screens: MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows, "boot error
 * - 0xC0000034", "- 0xC000000F", "- 0xC000014C".
 */
const failures = {
  storeMissing: {
    code: 0xc000000f,
    file: '\\EFI\\Microsoft\\Boot\\BCD',
    text: 'The Boot Configuration Data for your PC is missing or contains errors.',
  },
  informationMissing: {
    code: 0xc0000034,
    file: '\\BCD',
    text: 'The Boot Configuration Data file is missing some required information.',
  },
  registryMissing: {
    code: 0xc000014c,
    file: '\\Windows\\system32\\config\\system',
    text: 'The operating system could not be loaded because the system registry file is missing or contains errors.',
  },
} as const satisfies Record<string, BootFailure>;

export type BootResult = { kind: 'loaded'; choice: BootChoice } | { kind: 'failed'; failure: BootFailure };

/** The failure of a disk that cannot be mounted. assumed: the screen is that of a store that cannot be read. */
export function unmountable(error: unknown): BootFailure {
  return { ...failures.storeMissing, reason: error instanceof Error ? error.message : String(error) };
}

/** Takes the next boot's loader; a one-time boot sequence is used up by it. */
export function takeBootLoader(content: DiskContent): BootResult {
  if (!hasBootStore(content)) return { kind: 'failed', failure: failures.storeMissing };
  const loader = nextLoader(content);
  if (loader === undefined || !readBootElement(content, loader, bootElements.applicationPath)) {
    return { kind: 'failed', failure: failures.informationMissing };
  }
  if (!content.hasKey(controlSetPath(content, 'Default'))) {
    return { kind: 'failed', failure: failures.registryMissing };
  }
  const safeMode = safeModes[bootNumber(content, loader, bootElements.safeBoot) ?? -1];
  const alternateShell = bootNumber(content, loader, bootElements.safeBootAlternateShell) === 1;
  const loadOptions = loadOptionsOf(content, { loader, safeMode, alternateShell });
  return { kind: 'loaded', choice: { loader, safeMode, alternateShell, loadOptions } };
}

/**
 * The boot sequence's first entry, once; else the default; without one, the only loader. A default that names no loader
 * is an error on the screen; several loaders without a default: assumed the first that the menu shows.
 */
function nextLoader(content: DiskContent): string | undefined {
  const manager = wellKnownObjects.bootmgr;
  const once = bootObjectList(content, manager, bootElements.bootSequence);
  deleteBootElement(content, manager, bootElements.bootSequence);
  const [first] = once.filter((id) => isWindowsLoader(content, id));
  if (first !== undefined) return first;
  const [usual] = bootObjectList(content, manager, bootElements.defaultObject);
  if (usual !== undefined) return isWindowsLoader(content, usual) ? usual : undefined;
  const [only, second] = bootObjects(content).filter((id) => isWindowsLoader(content, id));
  if (second === undefined) return only;
  return bootObjectList(content, manager, bootElements.displayOrder).find((id) => isWindowsLoader(content, id));
}

function isWindowsLoader(content: DiskContent, id: string): boolean {
  return bootObjectType(content, id) === objectTypes.windowsLoader;
}

/** https://learn.microsoft.com/windows-hardware/drivers/devtest/bcdedit--set, "nx". */
const noExecuteWords = ['OPTIN', 'OPTOUT', 'ALWAYSOFF', 'ALWAYSON'];

/**
 * ` NOEXECUTE=OPTIN` is recorded in a real hive (mkorman90/regipy). The form of SAFEBOOT is what a kernel looks for in
 * it (reactos/reactos:ntoskrnl/ex/init.c); assumed: the two blanks between them.
 */
function loadOptionsOf(
  content: DiskContent,
  { loader, safeMode, alternateShell }: Pick<BootChoice, 'loader' | 'safeMode' | 'alternateShell'>,
): string {
  const noExecute = noExecuteWords[bootNumber(content, loader, bootElements.noExecute) ?? 0] ?? 'OPTIN';
  const shell = alternateShell ? '(ALTERNATESHELL)' : '';
  return ` NOEXECUTE=${noExecute}${safeMode ? `  SAFEBOOT:${safeMode.toUpperCase()}${shell}` : ''}`;
}
