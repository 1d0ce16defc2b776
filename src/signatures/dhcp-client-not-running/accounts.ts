/**
 * LocalService as Windows calls it in English, German and French; all three are right. A letter that is not ASCII is any
 * sign: a console's code page is not known.
 */
const localService = /^(?:(?:NT AUTHORITY\\)?LocalService|NT-AUTORIT.T\\LOKALER DIENST|AUTORIT. NT\\SERVICE LOCAL)$/i;
const localSystem = /^(?:(?:\.|NT AUTHORITY)\\)?(?:LocalSystem|SYSTEM)$/i;

/** Whether it is the account that the DHCP Client should have. */
export function isLocalService(account: string): boolean {
  return localService.test(account);
}

/** Whether two accounts are the same; a service without one runs as LocalSystem. */
export function isSameAccount(one: string | undefined, other: string | undefined): boolean {
  return plainAccount(one) === plainAccount(other);
}

function plainAccount(account = 'LocalSystem'): string {
  if (localService.test(account)) return 'localservice';
  return localSystem.test(account) ? 'localsystem' : account.toLowerCase();
}
