import type { ServiceEvent } from '../../guest/evidence';

/**
 * What mends a DHCP Client that does not run, by the number of the Windows error and by nothing else: the words are
 * translated. `start`: nothing is wrong with it; `account`: it cannot log on; `isolate`: it crashes or hangs; `manual`:
 * what is wrong lies outside the service, so a person decides.
 * https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299-
 */
export type Remedy = 'start' | 'account' | 'isolate' | 'manual';

interface Code {
  means: string;
  remedy: Remedy;
}

const codes: Readonly<Record<number, Code>> = {
  0: { means: 'it was stopped without an error', remedy: 'start' },
  5: { means: 'access is denied', remedy: 'manual' },
  1053: { means: 'it did not answer in time', remedy: 'isolate' },
  1056: { means: 'it runs already', remedy: 'start' },
  1058: { means: 'it was disabled when it was to start', remedy: 'start' },
  1059: { means: 'services depend on each other in a circle', remedy: 'manual' },
  1060: { means: 'there is no such service', remedy: 'manual' },
  1067: { means: 'its process ended unexpectedly', remedy: 'isolate' },
  1068: { means: 'a service that it depends on did not start', remedy: 'manual' },
  1069: { means: 'it could not log on', remedy: 'account' },
  1070: { means: 'it hung while it started', remedy: 'isolate' },
  1077: { means: 'nobody has started it since the last boot', remedy: 'start' },
  1079: { means: 'its account differs from that of the services in the same process', remedy: 'manual' },
};

/** What a code means; one that is not listed is a person's matter. */
export function codeOf(code: number): Code {
  return codes[code] ?? { means: 'Windows says no more than this number', remedy: 'manual' };
}

/**
 * The code of a record of the Service Control Manager: its own where it names one, otherwise what the record means.
 * 7001 names the code of the other service. https://learn.microsoft.com/windows/win32/services/service-control-manager
 */
export function codeOfEvent({ eventId, code }: ServiceEvent): number | undefined {
  switch (eventId) {
    case 7000:
    case 7023:
      return code;
    case 7001:
    case 7003:
      return 1068;
    case 7009:
      return 1053;
    case 7022:
      return 1070;
    case 7031:
    case 7034:
      return 1067;
    case 7038:
    case 7041:
      return 1069;
    default:
      return undefined;
  }
}
