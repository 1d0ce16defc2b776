/**
 * Windows errors by number, with the sentence that Windows prints for them. English: MicrosoftDocs/win32, "System Error
 * Codes"; German and French: the same pages of win32.de-de and win32.fr-fr where they read like Windows itself, and
 * public logs (1060, 1058). Russian and Chinese: public logs (1060); the others are assumed to read like this.
 */
import type { GuestLanguage, Translated } from './language';

/** The errors that the guest answers with. */
export const systemErrors = {
  accessDenied: 5,
  dependentServicesRunning: 1051,
  requestTimeout: 1053,
  alreadyRunning: 1056,
  disabled: 1058,
  circularDependency: 1059,
  doesNotExist: 1060,
  notActive: 1062,
  processAborted: 1067,
  dependencyFailed: 1068,
  logonFailed: 1069,
  hungWhileStarting: 1070,
  neverStarted: 1077,
  differentAccount: 1079,
  notSafeBootService: 1084,
} as const;

/** Translations of those that are not listed as a source above: assumed. */
const texts: Readonly<Record<number, Translated>> = {
  5: {
    'en-US': 'Access is denied.',
    'de-DE': 'Zugriff verweigert',
    'fr-FR': 'Accès refusé.',
    'ru-RU': 'Отказано в доступе.',
    'zh-CN': '拒绝访问。',
  },
  1053: {
    'en-US': 'The service did not respond to the start or control request in a timely fashion.',
    'de-DE': 'Der Dienst antwortete nicht rechtzeitig auf die Start- oder Steuerungsanforderung.',
    'fr-FR': 'Le service n’a pas répondu assez vite à la demande de lancement ou de contrôle.',
    'ru-RU': 'Служба не ответила на запрос своевременно.',
    'zh-CN': '服务没有及时响应启动或控制请求。',
  },
  1059: {
    'en-US': 'Circular service dependency was specified.',
    'de-DE': 'Eine Kreisabhängigkeit zwischen Diensten wurde angegeben.',
    'fr-FR': 'Une dépendance de service circulaire a été spécifiée.',
    'ru-RU': 'Между службами установлена циклическая зависимость.',
    'zh-CN': '指定了循环服务依赖。',
  },
  1067: {
    'en-US': 'The process terminated unexpectedly.',
    'de-DE': 'Der Prozess wurde unerwartet beendet.',
    'fr-FR': 'Le processus s’est arrêté inopinément.',
    'ru-RU': 'Процесс был неожиданно завершен.',
    'zh-CN': '进程意外终止。',
  },
  1069: {
    'en-US': 'The service did not start due to a logon failure.',
    'de-DE': 'Der Dienst konnte wegen einer fehlerhaften Anmeldung nicht gestartet werden.',
    'fr-FR': 'Le service n’a pas pu être démarré en raison d’un échec d’ouverture de session.',
    'ru-RU': 'Служба не запущена из-за ошибки входа в систему.',
    'zh-CN': '由于登录失败而无法启动服务。',
  },
  1070: {
    'en-US': 'After starting, the service hung in a start-pending state.',
    'de-DE': 'Der Dienst wurde gestartet, reagiert jedoch nicht mehr.',
    'fr-FR': 'Après le démarrage, le service s’est bloqué dans un état de démarrage.',
    'ru-RU': 'После запуска служба зависла в состоянии ожидания запуска.',
    'zh-CN': '启动后，服务停留在启动暂停状态。',
  },
  1079: {
    'en-US':
      'The account specified for this service is different from the account specified for other services running in the same process.',
    'de-DE': 'Das für diesen Dienst angegebene Konto unterscheidet sich von dem der anderen Dienste im selben Prozess.',
    'fr-FR': 'Le compte spécifié pour ce service est différent de celui des autres services du même processus.',
    'ru-RU':
      'Учетная запись, указанная для этой службы, отличается от учетной записи, указанной для других служб, работающих в этом же процессе.',
    'zh-CN': '此服务的帐户不同于运行于同一进程上的其他服务的帐户。',
  },
  1051: {
    'en-US': 'A stop control has been sent to a service that other running services are dependent on.',
    'de-DE': 'Ein Beendigungssteuerelement wurde an einen Dienst gesendet, von dem andere Dienste abhängig sind.',
    'fr-FR': 'Un contrôle d’arrêt a été envoyé à un service dont d’autres services en cours d’exécution dépendent.',
    'ru-RU': 'Команда остановки была отправлена службе, от которой зависят другие работающие службы.',
    'zh-CN': '停止控制被发送给其他正在运行的服务所依赖的服务。',
  },
  1056: {
    'en-US': 'An instance of the service is already running.',
    'de-DE': 'Es wird bereits eine Instanz des Dienstes ausgeführt.',
    'fr-FR': 'Une instance du service s’exécute déjà.',
    'ru-RU': 'Одна копия службы уже запущена.',
    'zh-CN': '服务的实例已在运行中。',
  },
  1058: {
    'en-US':
      'The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.',
    'de-DE':
      'Der angegebene Dienst kann nicht gestartet werden. Er ist deaktiviert oder nicht mit aktivierten Geräten verbunden.',
    'fr-FR':
      'Le service ne peut pas être démarré, soit parce qu’il est désactivé, soit parce qu’aucun périphérique activé ne lui est associé.',
    'ru-RU':
      'Указанная служба не может быть запущена, поскольку она отключена или все связанные с ней устройства отключены.',
    'zh-CN': '无法启动服务，原因可能是已被禁用或与其相关联的设备没有启动。',
  },
  1060: {
    'en-US': 'The specified service does not exist as an installed service.',
    'de-DE': 'Der angegebene Dienst ist kein installierter Dienst.',
    'fr-FR': 'Le service spécifié n’existe pas en tant que service installé.',
    'ru-RU': 'Указанная служба не установлена.',
    'zh-CN': '指定的服务未安装。',
  },
  1062: {
    'en-US': 'The service has not been started.',
    'de-DE': 'Der Dienst wurde nicht gestartet.',
    'fr-FR': 'Le service n’a pas été démarré.',
    'ru-RU': 'Служба не запущена.',
    'zh-CN': '服务尚未启动。',
  },
  1068: {
    'en-US': 'The dependency service or group failed to start.',
    'de-DE': 'Der Abhängigkeitsdienst oder die Abhängigkeitsgruppe konnte nicht gestartet werden.',
    'fr-FR': 'Le service ou le groupe de dépendance n’a pas pu démarrer.',
    'ru-RU': 'Не удалось запустить дочернюю службу.',
    'zh-CN': '依赖服务或组无法启动。',
  },
  1084: {
    'en-US': 'This service cannot be started in Safe Mode',
    'de-DE': 'Dieser Dienst kann nicht im abgesicherten Modus gestartet werden.',
    'fr-FR': 'Ce service ne peut pas être démarré en mode sans échec.',
    'ru-RU': 'Эта служба не может быть запущена в безопасном режиме',
    'zh-CN': '此服务无法在安全模式下启动',
  },
};

/** The sentence for an error; empty for one that is not known here. */
export function errorText(code: number, language: GuestLanguage): string {
  return texts[code]?.[language] ?? '';
}
