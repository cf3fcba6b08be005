// Responses of http mode as the admin API tells them: by the first digit of their status.

/** How many, since the start. All 0 in tcp mode. */
export interface ResponsesView {
  readonly "2xx": number;
  readonly "3xx": number;
  readonly "4xx": number;
  readonly "5xx": number;
}

/** `count`: reads the scoreboard's field of that name. */
export function responsesOf(
  count: (field: "http2xx" | "http3xx" | "http4xx" | "http5xx") => number,
): ResponsesView {
  return {
    "2xx": count("http2xx"),
    "3xx": count("http3xx"),
    "4xx": count("http4xx"),
    "5xx": count("http5xx"),
  };
}
