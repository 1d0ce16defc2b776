import { z } from 'zod';
import { recoveryVmOf } from '../policy/routes';
import type { RepairDetail } from '../ledger/ports';
import { outcomeCode } from '../outcome-codes';

const plan = z.object({
  routes: z.array(z.string()),
  closed: z.array(z.object({ route: z.string(), code: outcomeCode, reason: z.string() })),
});
const inspected = z.array(z.looseObject({ route: z.string() }));

/** The routes as the inspection left them; what the plan decided takes the place of what was not decided then. */
export function routesWith(documents: RepairDetail['documents']): unknown {
  const seen = inspected.safeParse(documents.routes);
  const planned = plan.safeParse(documents.plan);
  const decided = planned.success ? recoveryVmOf(planned.data) : undefined;
  if (!seen.success || !decided) return documents.routes;
  return seen.data.map((one) => (one.route === decided.route ? decided : one));
}
