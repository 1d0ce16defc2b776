/**
 * What bcdedit translates: headings, the word for an object's id, and its own sentences. Names of elements, their values
 * and "Yes" stay English (a German and a French `bcdedit /enum all` in public logs; the headings are taken from them). Of
 * Chinese the headings of manager and loader and the word for the id are from public captures, of Russian those of the
 * loader; assumed: their others.
 */
import { objectTypes, wellKnownObjects } from '../../boot-store';
import type { Translated } from '../../language';

interface Words {
  identifier: string;
  success: string;
  deleteFailed: string;
  elementNotFound: string;
  referenceFailed: string;
  objectNotFound: string;
  unknownElement: string;
  invalidData: string;
  invalidCommand: string;
  help: string;
  storeMissing: string;
}

/** The sentences are assumed; no capture of them was found in a public place. Only exit codes and layout are to be read. */
export const words: Translated<Words> = {
  'en-US': {
    identifier: 'identifier',
    success: 'The operation completed successfully.',
    deleteFailed: 'An error occurred while attempting to delete the specified data element.',
    elementNotFound: 'Element not found.',
    referenceFailed: 'An error occurred while attempting to reference the specified entry.',
    objectNotFound: 'The system cannot find the file specified.',
    unknownElement: 'The element data type specified is not recognized, or does not apply to the specified entry.',
    invalidData: 'The data is not valid as specified.',
    invalidCommand: 'The command line specified is not valid.',
    help: 'Run "bcdedit /?" for command line assistance.',
    storeMissing: 'The boot configuration data store could not be opened.',
  },
  'de-DE': {
    identifier: 'Bezeichner',
    success: 'Der Vorgang wurde erfolgreich beendet.',
    deleteFailed: 'Beim Löschen des angegebenen Datenelements ist ein Fehler aufgetreten.',
    elementNotFound: 'Element nicht gefunden.',
    referenceFailed: 'Beim Verweisen auf den angegebenen Eintrag ist ein Fehler aufgetreten.',
    objectNotFound: 'Das System kann die angegebene Datei nicht finden.',
    unknownElement: 'Der angegebene Elementdatentyp wurde nicht erkannt oder gilt nicht für den angegebenen Eintrag.',
    invalidData: 'Die angegebenen Daten sind ungültig.',
    invalidCommand: 'Die angegebene Befehlszeile ist ungültig.',
    help: 'Führen Sie "bcdedit /?" aus, um weitere Informationen zu erhalten.',
    storeMissing: 'Der Speicher für Startkonfigurationsdaten konnte nicht geöffnet werden.',
  },
  'fr-FR': {
    identifier: 'identificateur',
    success: 'L’opération a réussi.',
    deleteFailed: 'Une erreur s’est produite lors de la suppression de l’élément de données spécifié.',
    elementNotFound: 'Élément introuvable.',
    referenceFailed: 'Une erreur s’est produite lors de la référence à l’entrée spécifiée.',
    objectNotFound: 'Le fichier spécifié est introuvable.',
    unknownElement:
      'Le type de données d’élément spécifié n’est pas reconnu ou ne s’applique pas à l’entrée spécifiée.',
    invalidData: 'Les données spécifiées ne sont pas valides.',
    invalidCommand: 'La ligne de commande spécifiée n’est pas valide.',
    help: 'Exécutez « bcdedit /? » pour obtenir de l’aide.',
    storeMissing: 'Impossible d’ouvrir le magasin des données de configuration de démarrage.',
  },
  'ru-RU': {
    identifier: 'идентификатор',
    success: 'Операция успешно завершена.',
    deleteFailed: 'Произошла ошибка при попытке удаления указанного элемента данных.',
    elementNotFound: 'Элемент не найден.',
    referenceFailed: 'Произошла ошибка при попытке сослаться на указанную запись.',
    objectNotFound: 'Не удается найти указанный файл.',
    unknownElement: 'Указанный тип данных элемента не распознан или неприменим к указанной записи.',
    invalidData: 'Указанные данные недопустимы.',
    invalidCommand: 'Указана недопустимая командная строка.',
    help: 'Для получения справки по командной строке введите "bcdedit /?".',
    storeMissing: 'Не удается открыть хранилище данных конфигурации загрузки.',
  },
  'zh-CN': {
    identifier: '标识符',
    success: '操作成功完成。',
    deleteFailed: '尝试删除指定的数据元素时出错。',
    elementNotFound: '找不到元素。',
    referenceFailed: '尝试引用指定的项时出错。',
    objectNotFound: '系统找不到指定的文件。',
    unknownElement: '指定的元素数据类型未识别，或不适用于指定的项。',
    invalidData: '指定的数据无效。',
    invalidCommand: '指定的命令行无效。',
    help: '请运行 "bcdedit /?" 获得命令行帮助。',
    storeMissing: '无法打开启动配置数据存储。',
  },
};

const headings: readonly [matches: (type: number, id: string) => boolean, heading: Translated][] = [
  [
    (type) => type === objectTypes.bootManager,
    {
      'en-US': 'Windows Boot Manager',
      'de-DE': 'Windows-Start-Manager',
      'fr-FR': 'Gestionnaire de démarrage Windows',
      'ru-RU': 'Диспетчер загрузки Windows',
      'zh-CN': 'Windows 启动管理器',
    },
  ],
  [
    (type) => type === objectTypes.windowsLoader,
    {
      'en-US': 'Windows Boot Loader',
      'de-DE': 'Windows-Startladeprogramm',
      'fr-FR': 'Chargeur de démarrage Windows',
      'ru-RU': 'Загрузка Windows',
      'zh-CN': 'Windows 启动加载器',
    },
  ],
  [
    (type) => type === objectTypes.resumeLoader,
    {
      'en-US': 'Resume from Hibernate',
      'de-DE': 'Wiederaufnahme aus dem Ruhezustand',
      'fr-FR': 'Reprendre à partir de la mise en veille prolongée',
      'ru-RU': 'Возобновление после гибернации',
      'zh-CN': '从休眠中恢复',
    },
  ],
  [
    (type) => type === objectTypes.memoryDiagnostic,
    {
      'en-US': 'Windows Memory Tester',
      'de-DE': 'Windows-Speichertestprogramm',
      'fr-FR': 'Testeur de mémoire Windows',
      'ru-RU': 'Средство проверки памяти Windows',
      'zh-CN': 'Windows 内存测试程序',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.emssettings,
    {
      'en-US': 'EMS Settings',
      'de-DE': 'EMS-Einstellungen',
      'fr-FR': 'Paramètres EMS',
      'ru-RU': 'Параметры EMS',
      'zh-CN': 'EMS 设置',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.dbgsettings,
    {
      'en-US': 'Debugger Settings',
      'de-DE': 'Debuggereinstellungen',
      'fr-FR': 'Paramètres du débogueur',
      'ru-RU': 'Параметры отладчика',
      'zh-CN': '调试程序设置',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.badmemory,
    {
      'en-US': 'RAM Defects',
      'de-DE': 'RAM-Defekte',
      'fr-FR': 'Erreurs de mémoire RAM',
      'ru-RU': 'Дефекты ОЗУ',
      'zh-CN': 'RAM 缺陷',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.globalsettings,
    {
      'en-US': 'Global Settings',
      'de-DE': 'Globale Einstellungen',
      'fr-FR': 'Paramètres globaux',
      'ru-RU': 'Глобальные параметры',
      'zh-CN': '全局设置',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.bootloadersettings,
    {
      'en-US': 'Boot Loader Settings',
      'de-DE': 'Startladeprogramm-Einstellungen',
      'fr-FR': 'Paramètres du chargeur de démarrage',
      'ru-RU': 'Параметры загрузчика',
      'zh-CN': '启动加载器设置',
    },
  ],
  [
    (_type, id) => id === wellKnownObjects.hypervisorsettings,
    {
      'en-US': 'Hypervisor Settings',
      'de-DE': 'Hypervisoreinstellungen',
      'fr-FR': 'Paramètres de l’hyperviseur',
      'ru-RU': 'Параметры гипервизора',
      'zh-CN': '虚拟机监控程序设置',
    },
  ],
  [
    (type) => type === objectTypes.resumeSettings,
    {
      'en-US': 'Resume Loader Settings',
      'de-DE': 'Einstellungen zur Ladeprogrammfortsetzung',
      'fr-FR': 'Paramètres du chargeur de reprise',
      'ru-RU': 'Параметры загрузчика возобновления',
      'zh-CN': '恢复加载器设置',
    },
  ],
];

const otherHeading: Translated = {
  'en-US': 'Device options',
  'de-DE': 'Geräteoptionen',
  'fr-FR': 'Options de périphérique',
  'ru-RU': 'Параметры устройства',
  'zh-CN': '设备选项',
};

/** The heading over an object, and its place in a list of all of them. */
export function headingOf(type: number, id: string): { heading: Translated; order: number } {
  const order = headings.findIndex(([matches]) => matches(type, id));
  return { heading: headings[order]?.[1] ?? otherHeading, order: order < 0 ? headings.length : order };
}
