const plainName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;

/**
 * Whether the name of a service or of a group of services may become part of a command: plain words only, as in plans.
 * Windows allows nearly everything in a service's name; one that is not plain is told and not looked at.
 */
export function isPlainName(name: string): boolean {
  return plainName.test(name);
}
