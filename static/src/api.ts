/** The REST API from a page: the session's cookie, CSRF, JSON, and the one shape that errors have. */

export interface ErrorBody {
  code: string;
  message: string;
  details: Record<string, unknown>;
  request_id: string;
}

/** What the server refused, or `code: "network"` when it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly retryAfter: number | null = null,
  ) {
    super(body.message);
    this.name = "ApiError";
  }

  get code(): string {
    return this.body.code;
  }
}

export function csrfToken(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');
  return meta?.content ?? "";
}

/** The data that a template left in `<script id="…" type="application/json">`. */
export function pageData<T>(id: string): T {
  const element = document.getElementById(id);
  if (!element?.textContent) throw new Error(`The page carries no data called ${id}.`);
  return JSON.parse(element.textContent) as T;
}

async function errorFrom(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  const fallback: ErrorBody = { code: "unknown", message: response.statusText, details: {}, request_id: "" };
  const body = await response
    .json()
    .then((json: { error?: ErrorBody }) => json.error ?? fallback)
    .catch(() => fallback);
  return new ApiError(response.status, body, retryAfter);
}

interface Sending {
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** Let the request outlive the page. */
  keepalive?: boolean;
}

/** One request. Throws `ApiError` for every answer that is not a success and for a network that is down. */
export async function api<T>(method: string, url: string, sending: Sending = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-csrftoken"] = csrfToken();
  // A form's content type comes from the browser, which knows its boundary.
  const form = sending.body instanceof FormData ? sending.body : null;
  if (sending.body !== undefined && !form) headers["content-type"] = "application/json";
  if (sending.idempotencyKey) headers["idempotency-key"] = sending.idempotencyKey;
  const response = await fetch(url, {
    method,
    headers,
    credentials: "same-origin",
    body: form ?? (sending.body === undefined ? null : JSON.stringify(sending.body)),
    keepalive: sending.keepalive ?? false,
    signal: sending.signal ?? null,
  }).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(0, { code: "network", message, details: {}, request_id: "" });
  });
  if (!response.ok) throw await errorFrom(response);
  return (response.status === 204 ? null : await response.json()) as T;
}

export const getJson = <T>(url: string): Promise<T> => api<T>("GET", url);
export const postJson = <T>(url: string, body: unknown = {}, sending: Omit<Sending, "body"> = {}): Promise<T> =>
  api<T>("POST", url, { ...sending, body });
