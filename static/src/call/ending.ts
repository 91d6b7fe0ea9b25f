/** The end of a call: hanging up for good, saying how it ended, and giving the server what it never heard. */
import { ApiError, postJson } from "../api";
import { asTurns } from "../waiting/lines";
import { SOMETHING_WAITS } from "../waiting/sending";
import type { Outbox } from "./outbox";
import type { Parts } from "./parts";
import type { QuickScore } from "./score";

const END_TRIES = 6;
/** Nobody hung up: the line went, and stayed away. */
export const LOST = "connection_lost";

interface EndAnswer {
  quick_score: QuickScore | null;
}

export class Ending {
  constructor(
    private readonly parts: Parts,
    private readonly texts: Record<string, string>,
    private readonly urls: Record<"end" | "transcript", string>,
  ) {}

  /**
   * Hang up (`lost`: say that the line did not come back), or learn how it ended; the answer is the same both times. Tried
   * again while the server is away.
   */
  async hangUp(lost: boolean): Promise<QuickScore | null> {
    const how = lost ? { reason: LOST } : {};
    for (let attempt = 0; attempt < END_TRIES; attempt++) {
      try {
        // Whoever leaves the page at once has hung up all the same.
        return (await postJson<EndAnswer>(this.urls.end, how, { keepalive: true })).quick_score;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
        await new Promise((resolve) => window.setTimeout(resolve, 1000 * (attempt + 1)));
      }
    }
    return null;
  }

  /** The debrief of a call that goes on leads back into its room: whoever is quicker than the server waits for it. */
  openAfter(ended: Promise<unknown>, link: HTMLAnchorElement): void {
    const wait = (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      link.setAttribute("aria-busy", "true");
      void ended.then(() => {
        link.removeAttribute("aria-busy");
        window.location.assign(link.href);
      });
    };
    link.addEventListener("click", wait);
    void ended.then(() => link.removeEventListener("click", wait));
  }

  /** Lines that were typed and never reached the buyer still belong to the record. Twice adds nothing. */
  async hand(outbox: Outbox): Promise<void> {
    const turns = asTurns(outbox.waiting);
    if (turns.length === 0) return;
    try {
      await postJson(this.urls.transcript, { turns });
    } catch (error) {
      // Kept in the browser while the server is away; refused for good otherwise.
      if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) {
        document.dispatchEvent(new Event(SOMETHING_WAITS));
        return;
      }
    }
    outbox.clear();
  }

  because(endedBy: string, reason: string): void {
    const by: Record<string, string> = { trainee: "endedByTrainee", persona: "endedByBuyer", system: "endedBySystem" };
    const sentences = [by[endedBy], endedBy === "trainee" ? "" : `reason_${reason}`]
      .map((key) => this.texts[key ?? ""] ?? "")
      .filter(Boolean);
    if (sentences.length > 0) this.parts.get("over-reason").textContent = sentences.join(" ");
  }
}
