/** Server-sent events out of a POST, which `EventSource` cannot make. */
import { ApiError, csrfToken, type ErrorBody } from "../api";

export interface ServerEvent {
  name: string;
  data: unknown;
}

/** One block of a stream: its lines up to an empty one. Comments have no data. */
export function parseBlock(block: string): ServerEvent | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null;
}

/** The events of the answer, as they arrive. Throws `ApiError` for a refusal and for a connection that breaks. */
export async function* postEvents(url: string, body: unknown): AsyncGenerator<ServerEvent> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", "x-csrftoken": csrfToken() },
    credentials: "same-origin",
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw network(cause);
  });
  if (!response.ok || !response.body) {
    const fallback: ErrorBody = { code: "unknown", message: response.statusText, details: {}, request_id: "" };
    const told = await response
      .json()
      .then((json: { error?: ErrorBody }) => json.error ?? fallback)
      .catch(() => fallback);
    throw new ApiError(response.status, told, Number(response.headers.get("retry-after")) || null);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  while (true) {
    const { value, done } = await reader.read().catch((cause: unknown) => {
      throw network(cause);
    });
    pending += value ?? "";
    const blocks = pending.split("\n\n");
    pending = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event) yield event;
    }
    if (done) return;
  }
}

function network(cause: unknown): ApiError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(0, { code: "network", message, details: {}, request_id: "" });
}
