/** Whether two ids name one Azure resource: Azure compares them without case. No id is that of nothing. */
export function isSameId(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
