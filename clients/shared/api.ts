/** Requests to the server that return what was asked for, or throw a Problem. */

import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./api.gen";

const TIME_LIMIT_MS = 10_000;

/** What went wrong, by the server's stable code; `unreachable` when no answer came at all. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, facts: Readonly<Record<string, unknown>> = {}) {
    super(`${code} (${status})`);
    this.code = code;
    this.status = status;
    this.facts = facts;
  }
}

export type Api = Client<paths>;

export function connect(token: () => string | null, timeLimitMs = TIME_LIMIT_MS): Api {
  const client = createClient<paths>({
    baseUrl: location.origin,
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(timeLimitMs) }),
  });
  client.use({
    onRequest({ request }) {
      const held = token();
      if (held !== null) request.headers.set("Authorization", `Bearer ${held}`);
    },
  });
  return client;
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a 2xx answer; anything else is thrown. */
export async function ok<T>(asked: Promise<Answer<T>>): Promise<T> {
  const answer = await asked.catch((): never => {
    throw new Problem("unreachable", 0);
  });
  if (answer.response.ok) return answer.data as T;
  throw problemOf(answer.error, answer.response.status);
}

function problemOf(body: unknown, status: number): Problem {
  const facts = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const code = facts.code;
  return new Problem(typeof code === "string" ? code : `http_${status}`, status, facts);
}
