import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Tools } from '../activities/toolbox';
import { parseVirtualMachineId } from '../azure/resource-id';
import type { RepairStarter } from '../orchestrators/durable';
import type { SignalCode } from '../signal-codes';
import { acceptSignal, rejectSignal } from './accept-signal';
import { accepted, issuesOf, problem } from './answers';
import { readMachine } from './machine';
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
  const machine = await readMachine(tools, vmId);
  // What passes is the repair's to wait out: a person wants it to begin.
  if (machine.kind === 'none') return problem(statusOf(machine.code), machine.code, machine.reason);
  const now = new Date().toISOString();
  const outcome = await acceptSignal(tools, starter, {
    key: randomUUID(),
    door: 'request',
    title: 'a person’s request',
    facts: mode ? { mode } : {},
    receivedAt: now,
    occurredAt: now,
    vmId,
    requestedMode: mode,
  });
  if (outcome.kind === 'ignored') return problem(409, outcome.code, outcome.reason);
  return accepted(request, outcome);
}

function statusOf(code: SignalCode): number {
  return code === 'vm-not-found' ? 404 : code === 'azure-rejected' ? 502 : 403;
}
