/** Sends what waits, in the order in which it was written, one tab at a time, when there is a way to the server. */
import { ApiError, csrfToken, postJson } from "../api";
import { asTurns, type Line, leftBehind, linesOf, writeLines } from "./lines";
import { keepDraft, letGo, owner, type Waiting, waitingOf } from "./store";

/** Told at the document by who leaves something to be sent. */
export const SOMETHING_WAITS = "parley:waiting";
const AGAIN_MS = 10_000;
const REACH_MS = 4000;
/** A request on a line that is gone may hang for minutes; what it carries is sent again and done once. */
const HANGS_MS = 15_000;
const REFUSED = [400, 403, 404, 405, 409, 410, 413, 422];

export interface Outcome {
  waiting: number;
  sent: number;
  /** Forms that the server did not take; what was in them is a draft again. */
  refused: string[];
}

type Answer = "sent" | "refused" | "later";

/** Is there a way to the server? Asked of the smallest page there is, past every cache. */
export async function reachable(): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    const signal = AbortSignal.timeout(REACH_MS);
    return (await fetch("/offline/", { method: "HEAD", cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

export class Sender {
  #timer = 0;
  #busy = false;
  #wanted = false;
  /** A room of another tab has lines of its own: should that tab go, they are sent from here. */
  #watches = false;

  constructor(private readonly onOutcome: (outcome: Outcome) => void) {}

  start(): void {
    window.addEventListener("online", () => void this.send());
    document.addEventListener("visibilitychange", () => void this.send());
    document.addEventListener(SOMETHING_WAITS, () => void this.send());
    void this.send();
  }

  /** Safe to call at any time and from anywhere. */
  async send(): Promise<void> {
    if (document.hidden) return;
    if (this.#busy) {
      this.#wanted = true;
      return;
    }
    this.#busy = true;
    this.#wanted = false;
    window.clearTimeout(this.#timer);
    let waits = true;
    try {
      const outcome = await alone(() => this.#sendAll());
      waits = outcome.waiting > 0;
      this.onOutcome(outcome);
    } finally {
      this.#busy = false;
      if (this.#wanted) void this.send();
      else if (waits || this.#watches) this.#timer = window.setTimeout(() => void this.send(), AGAIN_MS);
    }
  }

  async #sendAll(): Promise<Outcome> {
    const whose = owner();
    const outcome: Outcome = { waiting: 0, sent: 0, refused: [] };
    const kept = inCall() ? [] : linesOf(whose);
    const calls = await leftBehind(kept);
    this.#watches = calls.length < kept.length;
    const forms = await waitingOf(whose);
    outcome.waiting = calls.reduce((sum, { lines }) => sum + lines.length, forms.length);
    if (outcome.waiting === 0 || !(await reachable())) return outcome;
    for (const call of calls) {
      const { key, url, lines } = call;
      // A room may have been opened while we looked for the server.
      if ((await leftBehind([call])).length === 0) continue;
      if ((await sendLines(url, lines)) === "later") return outcome;
      writeLines(key, url, []);
      outcome.waiting -= lines.length;
      outcome.sent += lines.length;
    }
    for (const item of forms) {
      const answer = await sendForm(item);
      if (answer === "later") return outcome;
      await letGo(item.id);
      outcome.waiting -= 1;
      if (answer === "sent") outcome.sent += 1;
      else {
        await keepDraft({ owner: item.owner, form: item.form, fields: item.fields, sent: false });
        outcome.refused.push(item.form);
      }
    }
    return outcome;
  }
}

/** The room sends its own lines while its call is going on. */
function inCall(): boolean {
  const room = document.querySelector<HTMLElement>("[data-room]");
  return room !== null && room.dataset.state !== "over";
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request("parley.sending", work) : work();
}

async function sendLines(url: string, lines: Line[]): Promise<Answer> {
  try {
    await postJson(url, { turns: asTurns(lines) }, { signal: AbortSignal.timeout(HANGS_MS) });
    return "sent";
  } catch (error) {
    return error instanceof ApiError && REFUSED.includes(error.status) ? "refused" : "later";
  }
}

async function sendForm({ id, url, fields }: Waiting): Promise<Answer> {
  const headers = { "X-CSRFToken": csrfToken(), "Idempotency-Key": id };
  const body = new URLSearchParams(fields);
  const signal = AbortSignal.timeout(HANGS_MS);
  const sending = fetch(url, { method: "POST", headers, body, credentials: "same-origin", signal });
  const answer = await sending.catch(() => null);
  if (!answer) return "later";
  // An earlier try is still being done.
  if (answer.status === 409 && answer.headers.has("retry-after")) return "later";
  // Whose session is over has to sign in first; then it goes.
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/")) return "later";
  if (answer.ok) return "sent";
  return REFUSED.includes(answer.status) ? "refused" : "later";
}
