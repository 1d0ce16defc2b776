/** What the store's failures mean. The SDKs' types of errors are looked at here and nowhere else. */
import { LedgerFault, LedgerInputError } from './errors';
import { boundText } from './texts';

/** The parts of the SDKs' RestError that matter, by shape: the two SDKs and a bundle may each bring their own class. */
interface RestFailure {
  status: number | undefined;
  code: string | undefined;
}

/** The status and the service's code of a failed request; both undefined for anything else. */
export function restFailureOf(error: unknown): RestFailure {
  if (!(error instanceof Error)) return { status: undefined, code: undefined };
  const { statusCode, code, details } = error as Error & { statusCode?: unknown; code?: unknown; details?: unknown };
  return {
    status: typeof statusCode === 'number' ? statusCode : undefined,
    code: serviceCodeOf(details) ?? (typeof code === 'string' ? code : undefined),
  };
}

/** Table storage puts its code into the body (`odata.error`), Blob storage into a header that the SDK copies. */
function serviceCodeOf(details: unknown): string | undefined {
  const found = details as { odataError?: { code?: unknown }; errorCode?: unknown } | null | undefined;
  const code = found?.odataError?.code ?? found?.errorCode;
  return typeof code === 'string' ? code : undefined;
}

/** Runs `act`; whatever goes wrong in it becomes a LedgerFault that says what could not be done, and why. */
export async function orLedgerFault<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LedgerFault || error instanceof LedgerInputError) throw error;
    const { code } = restFailureOf(error);
    throw new LedgerFault(`The ledger could not ${doing}: ${describe(error)}`, { cause: error, code });
  }
}

/** Answers of the service by status and code only: their bodies can hold the string that was signed. */
function describe(error: unknown): string {
  const { status, code } = restFailureOf(error);
  if (code === 'TableNotFound' || code === 'ContainerNotFound') {
    return `${code}. Call prepare() before anything else, and check that the ledger points at the right account.`;
  }
  if (status !== undefined) return `the store answered ${status}${code === undefined ? '' : ` ${code}`}.`;
  if (!(error instanceof Error)) return 'an unknown failure.';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'the store did not answer in time.';
  return boundText(`${code === undefined ? '' : `${code}: `}${error.message}`, 500);
}
