import { parseRegQuery, singleValue, type RegistryValue } from '../../windows/reg-query';
import type { Parsed } from '../../windows/parsed';
import { outputOf, type GuestCommandResult } from '../command';

/** The one value that `reg.exe query <key> /v <name>` printed, or why there is none. */
export function registryValueIn(result: GuestCommandResult | undefined, name: string): Parsed<RegistryValue> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const values = parseRegQuery(output.value);
  return values.ok ? singleValue(values.value, name) : values;
}
