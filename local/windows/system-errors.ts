/**
 * Windows errors by number, with the sentence that Windows prints for them. English: MicrosoftDocs/win32, "System Error
 * Codes"; German and French: the same pages of win32.de-de and win32.fr-fr where they read like Windows itself, and
 * public logs (1060, 1058). The others are assumed to read like this.
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

/** German and French of those that are not listed as a source above: assumed. */
const texts: Readonly<Record<number, Translated>> = {
  5: { 'en-US': 'Access is denied.', 'de-DE': 'Zugriff verweigert', 'fr-FR': 'Accès refusé.' },
  1053: {
    'en-US': 'The service did not respond to the start or control request in a timely fashion.',
    'de-DE': 'Der Dienst antwortete nicht rechtzeitig auf die Start- oder Steuerungsanforderung.',
    'fr-FR': 'Le service n’a pas répondu assez vite à la demande de lancement ou de contrôle.',
  },
  1059: {
    'en-US': 'Circular service dependency was specified.',
    'de-DE': 'Eine Kreisabhängigkeit zwischen Diensten wurde angegeben.',
    'fr-FR': 'Une dépendance de service circulaire a été spécifiée.',
  },
  1067: {
    'en-US': 'The process terminated unexpectedly.',
    'de-DE': 'Der Prozess wurde unerwartet beendet.',
    'fr-FR': 'Le processus s’est arrêté inopinément.',
  },
  1069: {
    'en-US': 'The service did not start due to a logon failure.',
    'de-DE': 'Der Dienst konnte wegen einer fehlerhaften Anmeldung nicht gestartet werden.',
    'fr-FR': 'Le service n’a pas pu être démarré en raison d’un échec d’ouverture de session.',
  },
  1070: {
    'en-US': 'After starting, the service hung in a start-pending state.',
    'de-DE': 'Der Dienst wurde gestartet, reagiert jedoch nicht mehr.',
    'fr-FR': 'Après le démarrage, le service s’est bloqué dans un état de démarrage.',
  },
  1079: {
    'en-US':
      'The account specified for this service is different from the account specified for other services running in the same process.',
    'de-DE': 'Das für diesen Dienst angegebene Konto unterscheidet sich von dem der anderen Dienste im selben Prozess.',
    'fr-FR': 'Le compte spécifié pour ce service est différent de celui des autres services du même processus.',
  },
  1051: {
    'en-US': 'A stop control has been sent to a service that other running services are dependent on.',
    'de-DE': 'Ein Beendigungssteuerelement wurde an einen Dienst gesendet, von dem andere Dienste abhängig sind.',
    'fr-FR': 'Un contrôle d’arrêt a été envoyé à un service dont d’autres services en cours d’exécution dépendent.',
  },
  1056: {
    'en-US': 'An instance of the service is already running.',
    'de-DE': 'Es wird bereits eine Instanz des Dienstes ausgeführt.',
    'fr-FR': 'Une instance du service s’exécute déjà.',
  },
  1058: {
    'en-US':
      'The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.',
    'de-DE':
      'Der angegebene Dienst kann nicht gestartet werden. Er ist deaktiviert oder nicht mit aktivierten Geräten verbunden.',
    'fr-FR':
      'Le service ne peut pas être démarré, soit parce qu’il est désactivé, soit parce qu’aucun périphérique activé ne lui est associé.',
  },
  1060: {
    'en-US': 'The specified service does not exist as an installed service.',
    'de-DE': 'Der angegebene Dienst ist kein installierter Dienst.',
    'fr-FR': 'Le service spécifié n’existe pas en tant que service installé.',
  },
  1062: {
    'en-US': 'The service has not been started.',
    'de-DE': 'Der Dienst wurde nicht gestartet.',
    'fr-FR': 'Le service n’a pas été démarré.',
  },
  1068: {
    'en-US': 'The dependency service or group failed to start.',
    'de-DE': 'Der Abhängigkeitsdienst oder die Abhängigkeitsgruppe konnte nicht gestartet werden.',
    'fr-FR': 'Le service ou le groupe de dépendance n’a pas pu démarrer.',
  },
  1084: {
    'en-US': 'This service cannot be started in Safe Mode',
    'de-DE': 'Dieser Dienst kann nicht im abgesicherten Modus gestartet werden.',
    'fr-FR': 'Ce service ne peut pas être démarré en mode sans échec.',
  },
};

/** The sentence for an error; empty for one that is not known here. */
export function errorText(code: number, language: GuestLanguage): string {
  return texts[code]?.[language] ?? '';
}
