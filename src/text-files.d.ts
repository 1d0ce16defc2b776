/** A PowerShell file imported as its text (the bundle's "text" loader, tools/build.mjs). */
declare module '*.ps1' {
  const text: string;
  export = text;
}
