/**
 * `reg.exe load|unload <key> [file]`, `add <key> /v <name> /t <type> /d <data> /f`, `delete <key> /v <name> /f`: syntax of
 * MicrosoftDocs/windowsserverdocs. Exit 0 done, 1 not. Hives are those of attached disks.
 */
import type { RegistryData } from '../content';
import type { WindowsGuest } from '../guest';
import type { GuestLanguage, Translated } from '../language';
import { hiveErrors, writeHiveValue } from '../loaded-hives';
import { lines, type CommandResult } from './command';

/**
 * Windows' own sentences for these errors (MicrosoftDocs/win32, "System Error Codes"); German and French of 32 and 1009, all
 * Russian and Chinese ones are assumed. Azure/repair-script-library:src/windows/common/helpers/Use-OfflineRegistryHive.ps1 meets 32 when a hive is loaded
 * already and 87 when it is not.
 */
const sentences: Readonly<Record<number, Translated>> = {
  2: {
    'en-US': 'The system cannot find the file specified.',
    'de-DE': 'Das System kann die angegebene Datei nicht finden.',
    'fr-FR': 'Le fichier spécifié est introuvable.',
    'ru-RU': 'Не удается найти указанный файл.',
    'zh-CN': '系统找不到指定的文件。',
  },
  5: {
    'en-US': 'Access is denied.',
    'de-DE': 'Zugriff verweigert',
    'fr-FR': 'Accès refusé.',
    'ru-RU': 'Отказано в доступе.',
    'zh-CN': '拒绝访问。',
  },
  [hiveErrors.sharingViolation]: {
    'en-US': 'The process cannot access the file because it is being used by another process.',
    'de-DE': 'Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.',
    'fr-FR': 'Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus.',
    'ru-RU': 'Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.',
    'zh-CN': '另一个程序正在使用此文件，进程无法访问。',
  },
  [hiveErrors.invalidParameter]: {
    'en-US': 'The parameter is incorrect.',
    'de-DE': 'Falscher Parameter.',
    'fr-FR': 'Paramètre incorrect.',
    'ru-RU': 'Параметр задан неверно.',
    'zh-CN': '参数错误。',
  },
  [hiveErrors.badDatabase]: {
    'en-US': 'The configuration registry database is corrupt.',
    'de-DE': 'Die Konfigurationsregistrierung ist beschädigt.',
    'fr-FR': 'La base de données de configuration du Registre est endommagée.',
    'ru-RU': 'База данных реестра повреждена.',
    'zh-CN': '配置注册表数据库已损坏。',
  },
};
const prefixes: Translated = {
  'en-US': 'ERROR: ',
  'de-DE': 'FEHLER: ',
  'fr-FR': 'ERREUR : ',
  'ru-RU': 'ОШИБКА: ',
  'zh-CN': '错误: ',
};
const done: Translated = {
  'en-US': 'The operation completed successfully.',
  'de-DE': 'Der Vorgang wurde erfolgreich beendet.',
  'fr-FR': 'L’opération a réussi.',
  'ru-RU': 'Операция успешно завершена.',
  'zh-CN': '操作成功完成。',
};

function result(error: number, language: GuestLanguage): CommandResult {
  if (error === 0) return { exitCode: 0, stdout: lines(done[language]), stderr: '' };
  const sentence = sentences[error]?.[language] ?? '';
  return { exitCode: 1, stdout: '', stderr: lines(`${prefixes[language]}${sentence}`, '') };
}

/** `path` is the key below HKEY_LOCAL_MACHINE. Undefined for a call that is not understood. */
export function regWrite(
  guest: WindowsGuest,
  verb: string,
  { path, options }: { path: string; options: readonly string[] },
): CommandResult | undefined {
  const { language } = guest;
  const [file = ''] = options;
  switch (verb) {
    case 'load':
      return options.length === 1 ? result(load(guest, path, file), language) : undefined;
    case 'unload':
      return options.length === 0
        ? result(guest.attachedDisks()?.hives.unload(path) ?? hiveErrors.invalidParameter, language)
        : undefined;
    case 'add': {
      const value = parseValue(options);
      return value && result(write(guest, path, value), language);
    }
    case 'delete': {
      const name = optionOf(options, '/v');
      return name === undefined ? undefined : result(remove(guest, path, name), language);
    }
    default:
      return undefined;
  }
}

/** assumed: a path that leads to no attached disk is a file that is not there. */
function load(guest: WindowsGuest, key: string, path: string): number {
  const disks = guest.attachedDisks();
  const file = disks?.resolve(path);
  return disks && file ? disks.hives.load(key, file) : 2;
}

interface GivenValue {
  name: string;
  data: RegistryData;
}

function optionOf(options: readonly string[], name: string): string | undefined {
  const at = options.findIndex((option) => option.toLowerCase() === name);
  return at < 0 ? undefined : options[at + 1];
}

/** The types that are written here. */
function parseValue(options: readonly string[]): GivenValue | undefined {
  const name = optionOf(options, '/v');
  const type = optionOf(options, '/t')?.toUpperCase();
  const data = optionOf(options, '/d');
  if (name === undefined || data === undefined || !options.some((option) => option.toLowerCase() === '/f')) {
    return undefined;
  }
  if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') return { name, data: { type, data } };
  if (type !== 'REG_DWORD' || !/^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(data)) return undefined;
  return { name, data: { type, data: Number(data) } };
}

function write(guest: WindowsGuest, path: string, value: GivenValue): number {
  const isInHive = guest.attachedDisks()?.hives.change(path, (hive, below) => {
    writeHiveValue(hive, below, value);
  });
  if (isInHive !== true) guest.content.writeValue(ownPath(guest, path), value.name, value.data);
  return 0;
}

function remove(guest: WindowsGuest, path: string, name: string): number {
  const isInHive = guest.attachedDisks()?.hives.change(path, (hive, below) => {
    hive.deleteValue(below, name, Date.now());
  });
  if (isInHive !== true) guest.content.deleteValue(ownPath(guest, path), name);
  return 0;
}

function ownPath(guest: WindowsGuest, path: string): string {
  return path.replace(/^SYSTEM\\CurrentControlSet(?=\\|$)/i, () => guest.controlSet());
}
