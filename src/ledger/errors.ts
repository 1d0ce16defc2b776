/**
 * The store could not be reached, refused us, or holds something that we can't read. Whoever asks must not go on:
 * without the ledger nobody knows whether a VM is being repaired already or whether the kill switch is on.
 */
export class LedgerFault extends Error {
  override readonly name = 'LedgerFault';

  constructor(
    message: string,
    options: ErrorOptions & {
      /** The store's own code, e.g. `TableNotFound`, or the network's, e.g. `REQUEST_SEND_ERROR`. */
      code?: string;
      /** Of what is there and cannot be read (`UnreadableRow`, `UnreadableDocument`): where it is. */
      place?: string;
    } = {},
  ) {
    super(message, options);
    this.code = options.code;
    this.place = options.place;
  }

  readonly place: string | undefined;

  readonly code: string | undefined;
}

/** What was asked can't be done as asked: a continuation token that is not ours, a malformed id, a document too large. */
export class LedgerInputError extends Error {
  override readonly name = 'LedgerInputError';
}
