/** Changes to a service's configuration, with what Windows writes down about them. */
import type { RegistryData } from './content';
import type { WindowsGuest } from './guest';
import type { StartType } from './services';
import { recordStartTypeChange } from './system-log';

interface StartTypeRequest {
  service: string;
  start: StartType;
  /** Who does it, for the event log. */
  userSid: string;
  at: number;
}

/** Sets a start type and records event 7040. Answers false when there is no such service. */
export function configureStartType(guest: WindowsGuest, request: StartTypeRequest): boolean {
  const service = guest.configuration(request.service);
  if (!service) return false;
  writeServiceValue(guest, service.name, 'Start', { type: 'REG_DWORD', data: request.start });
  const log = { content: guest.content, computerName: guest.computerName(), language: guest.language };
  recordStartTypeChange(log, {
    service,
    before: service.start,
    after: request.start,
    userSid: request.userSid,
    at: request.at,
  });
  return true;
}

/** Writes one value of a service's key in the control set in use. */
export function writeServiceValue(guest: WindowsGuest, service: string, name: string, value: RegistryData): void {
  guest.content.writeValue(`${guest.controlSet()}\\Services\\${service}`, name, value);
}
