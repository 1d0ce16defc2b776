/**
 * Windows errors by number, with the sentence that Windows prints for them. English: MicrosoftDocs/win32, "System Error
 * Codes"; German and French: the same pages of win32.de-de and win32.fr-fr where they read like Windows itself, and
 * public logs (1060, 1058). The others are assumed to read like this.
 */
import type { GuestLanguage, Translated } from './language';

/** The errors that the guest answers with. */
export const systemErrors = {
  dependentServicesRunning: 1051,
  alreadyRunning: 1056,
  disabled: 1058,
  doesNotExist: 1060,
  notActive: 1062,
  dependencyFailed: 1068,
  neverStarted: 1077,
  notSafeBootService: 1084,
} as const;

const texts: Readonly<Record<number, Translated>> = {
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
