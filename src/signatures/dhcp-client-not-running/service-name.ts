const serviceName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;

/**
 * Whether a name that the guest gave may become part of a command: plain words only, as in plans. Windows allows nearly
 * everything in a service's name; one that is not plain is told and not looked at.
 */
export function isServiceName(name: string): boolean {
  return serviceName.test(name);
}
