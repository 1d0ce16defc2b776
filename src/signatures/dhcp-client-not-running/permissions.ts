import { recordedEvents, securedKeys, type Evidence, type Need } from '../../guest/evidence';
import { plainText } from '../../guest/plain-text';
import type { Reason } from '../define-signature';

/** Access is denied (5): who may do what with the service and with the keys that it reads and writes, and as whom it comes. */

/** What shows it. */
export function permissionNeeds(service: string): Need[] {
  return [{ kind: 'service-security', service }, ...securedKeys.map((key): Need => ({ kind: 'key-security', key }))];
}

const mostRecords = 3;
/** In words; the evidence has all of it. */
const longestDescriptor = 400;

/** The permissions in words. Whether a right is missing is for a person, who has a healthy VM to compare with. */
export function permissionReasons(service: string, evidence: Evidence[]): Reason[] {
  const own = evidence.filter((item) => item.kind === 'service-security').find((item) => item.service === service);
  const keys = evidence.filter((item) => item.kind === 'key-security');
  const records = recordedEvents(evidence, service).filter(({ code }) => code === 5);
  return [
    ...records
      .slice(-mostRecords)
      .map(({ eventId, at, from }) => ({ text: `Record ${eventId} of ${at} says 5, too.`, from })),
    ...(own
      ? [
          {
            text: `Its SID is ${own.sid}, the permissions of the service itself are ${shown(own.descriptor)}.`,
            from: own.from,
          },
        ]
      : []),
    ...keys.map(({ key, descriptor, from }) => {
      const named = own
        ? `, ${descriptor.includes(`;${own.sid})`) ? 'where its SID stands' : 'where its SID does not stand'}`
        : '';
      const denied = /\((?:D|XD|OD);/.test(descriptor) ? ' An entry denies something.' : '';
      return { text: `The permissions of HKLM\\${key} are ${shown(descriptor)}${named}.${denied}`, from };
    }),
  ];
}

function shown(descriptor: string): string {
  return plainText(descriptor, longestDescriptor);
}
