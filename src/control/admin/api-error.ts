// What a resource of the admin API throws to refuse a request: its sentence becomes the answer's body,
// `{ "error": "..." }`. Anything else that is thrown is a bug, and becomes a 500.

export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Beside `error` in the body. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.headers = headers;
    this.details = details;
  }
}

/** `no backend is named "x"; there are: a, b` with status 404. */
export function noSuch(what: string, name: string, names: Iterable<string>): ApiError {
  return new ApiError(404, `no ${what} is named ${JSON.stringify(name)}; ${existing(names)}`);
}

/** At most a few: a sentence is no place for a thousand servers. */
function existing(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "there is none";
  const rest = all.length - namesMax;
  const some = all.slice(0, namesMax).join(", ");
  return `there ${all.length === 1 ? "is" : "are"}: ${some}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const namesMax = 20;
