import type { z } from 'zod';

/** A schema for each field of a type, the optional ones too: a field that is added to the type and forgotten does not compile. */
export type Shape<T> = { [K in keyof T]-?: z.ZodType<T[K]> };
