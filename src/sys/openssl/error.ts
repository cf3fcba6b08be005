// OpenSSL's queue of errors, one for each thread. Whoever sees a call fail reads and empties it at once:
// what stays would be taken for the reason of a later failure (SSL_get_error(3)).

import { func } from "./bind.ts";

export const errorPeek = func("long ERR_peek_error()") as () => number;
export const errorClear = func("void ERR_clear_error()") as () => void;
export const reasonText = func("const char *ERR_reason_error_string(long)") as (
  error: number,
) => string | null;

/** The first error in OpenSSL's words, which empties the queue; empty: there was none. */
export function takeError(): string {
  const error = errorPeek();
  if (error === 0) return "";
  errorClear();
  return reasonText(error) ?? `OpenSSL error ${error.toString(16)}`;
}
