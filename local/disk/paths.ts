/** The names of a path. Throws an Error for a name that Windows does not allow. */
export function namesOf(path: string): string[] {
  const names = path.split('\\').filter((name) => name !== '');
  for (const name of names) demandValidName(name, path);
  return names;
}

/** A path in two: the directory's names and the last one. Throws if the path names nothing. */
export function splitPath(path: string): { directory: string[]; name: string } {
  const names = namesOf(path);
  const name = names.pop();
  if (name === undefined) throw new Error(`"${path}" names no file: give a path from the volume's root.`);
  return { directory: names, name };
}

/**
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file: what Windows refuses. A name that ends with a space or a
 * period can be on a volume but is not to be opened by its path.
 */
function demandValidName(name: string, path: string): void {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[<>:"/|?*\u0000-\u001f]/u.test(name) || name.endsWith(' ') || name.endsWith('.'))
    throw new Error(`"${path}": Windows does not allow the name "${name}".`);
  if (name.length > 255) throw new Error(`"${path}": a name has at most 255 characters, not ${name.length}.`);
}
