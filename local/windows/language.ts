/** The languages that a guest can speak, and where its disk says which one it is. */
import type { CodePage } from './code-page';
import type { DiskContent } from './content';
import { textOf } from './service-configuration';

/** The language that the guest's tools speak. Numbers and keys stay the same in every language. */
export type GuestLanguage = 'en-US' | 'de-DE' | 'fr-FR' | 'ru-RU' | 'zh-CN';

/** A text in every language. */
export type Translated<Text = string> = Readonly<Record<GuestLanguage, Text>>;

interface LanguageFacts {
  /** The language identifier that `Control\Nls\Language` holds, four hexadecimal digits. */
  id: string;
  /** The code page that console programs write in (`Control\Nls\CodePage`, OEMCP). */
  oemCodePage: CodePage;
  /** The one that programs with windows take (ACP). */
  ansiCodePage: 1252 | 1251 | 936;
}

/** https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid and the code pages of Windows for these locales. */
export const languageFacts: Translated<LanguageFacts> = {
  'en-US': { id: '0409', oemCodePage: 437, ansiCodePage: 1252 },
  'de-DE': { id: '0407', oemCodePage: 850, ansiCodePage: 1252 },
  'fr-FR': { id: '040C', oemCodePage: 850, ansiCodePage: 1252 },
  'ru-RU': { id: '0419', oemCodePage: 866, ansiCodePage: 1251 },
  'zh-CN': { id: '0804', oemCodePage: 936, ansiCodePage: 936 },
};

/** The language that a control set of a disk says; English for one that is not known here. */
export function readLanguage(content: DiskContent, controlSet: string): GuestLanguage {
  const id = textOf(content.readValue(`${controlSet}\\Control\\Nls\\Language`, 'Default'))?.toUpperCase();
  const languages = Object.keys(languageFacts) as GuestLanguage[];
  return languages.find((language) => languageFacts[language].id === id) ?? 'en-US';
}
