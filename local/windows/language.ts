/** The languages that a guest can speak, and where its disk says which one it is. */
import type { CodePage } from './code-page';
import type { DiskContent } from './content';
import { textOf } from './service-configuration';

/** The language that the guest's tools speak. Numbers and keys stay the same in every language. */
export type GuestLanguage = 'en-US' | 'de-DE' | 'fr-FR';

/** A text in every language. */
export type Translated<Text = string> = Readonly<Record<GuestLanguage, Text>>;

interface LanguageFacts {
  /** The language identifier that `Control\Nls\Language` holds, four hexadecimal digits. */
  id: string;
  /** The code page that console programs write in (`Control\Nls\CodePage`, OEMCP). */
  oemCodePage: CodePage;
}

/** https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid and the code pages of Windows for these locales. */
export const languageFacts: Translated<LanguageFacts> = {
  'en-US': { id: '0409', oemCodePage: 437 },
  'de-DE': { id: '0407', oemCodePage: 850 },
  'fr-FR': { id: '040C', oemCodePage: 850 },
};

/** The language that a control set of a disk says; English for one that is not known here. */
export function readLanguage(content: DiskContent, controlSet: string): GuestLanguage {
  const id = textOf(content.readValue(`${controlSet}\\Control\\Nls\\Language`, 'Default'))?.toUpperCase();
  if (id === languageFacts['de-DE'].id) return 'de-DE';
  return id === languageFacts['fr-FR'].id ? 'fr-FR' : 'en-US';
}
