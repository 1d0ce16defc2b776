import type { HttpRequest } from '@azure/functions';

/** Where a repair's report is. Carries no key: whoever reads it needs one of their own. */
export function statusUrlOf(request: HttpRequest, repairId: string): string {
  return new URL(`/api/repairs/${repairId}`, request.url).toString();
}
