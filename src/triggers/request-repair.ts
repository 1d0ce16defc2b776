import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { isSubscriptionAllowed } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import { parseVirtualMachineId } from '../azure/resource-id';
import type { RepairStarter } from '../orchestrators/durable';
import { acceptSignal, rejectSignal } from './accept-signal';
import { accepted, issuesOf, problem } from './answers';
import { readJson } from './read-body';

const order = z.strictObject({
  vmId: z.string().refine((id) => parseVirtualMachineId(id) !== undefined, {
    message:
      'must be the ARM id of a virtual machine: /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/virtualMachines/…',
  }),
  mode: z.enum(['diagnose', 'approve', 'repair']).optional(),
});

/** `POST /api/repairs`: a person asks for a repair. The mode can only lower what the VM's tag allows. */
export async function requestRepair(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
): Promise<HttpResponseInit> {
  const body = await readJson(request);
  if (!body.ok) return rejectSignal(tools, 'request', body.text, body.rejection);
  const parsed = order.safeParse(body.value);
  if (!parsed.success) {
    const reason = issuesOf(parsed.error);
    return rejectSignal(tools, 'request', body.text, { status: 400, code: 'invalid-request', reason });
  }
  const { vmId, mode } = parsed.data;
  if (!isSubscriptionAllowed(tools, vmId)) {
    return problem(
      403,
      'subscription-not-allowed',
      'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.',
    );
  }
  const vm = await tools.arm.getVirtualMachine(vmId);
  if (!vm.ok && vm.failure.kind === 'not-found') return problem(404, 'vm-not-found', vm.failure.message);
  const outcome = await acceptSignal(tools, starter, {
    key: randomUUID(),
    door: 'request',
    title: 'a person’s request',
    facts: mode ? { mode } : {},
    vmId,
    requestedMode: mode,
  });
  return accepted(request, outcome);
}
