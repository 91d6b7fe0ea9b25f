/** After the call: the quick score as soon as it is known, and a word when the debrief is. */
import { ApiError, getJson } from "../api";
import type { CallEvent } from "./events";
import type { Parts } from "./parts";

export interface QuickScore {
  overall: number;
  summary: string;
}

interface ScoreAnswer {
  state?: string;
  status?: string;
  quick?: QuickScore | null;
  overall_score?: number | null;
  judged_by?: { deep?: string | null };
}

const POLL_MS = 2500;
const POLLS = 48;

export class ScoreCard {
  #timer = 0;
  #polls = 0;
  #shown = false;
  #complete = false;

  constructor(
    private readonly parts: Parts,
    private readonly texts: Record<string, string>,
    private readonly url: string,
  ) {}

  /** `quick` is what the answer to hanging up brought, if it was ready. Events may have told more before that came. */
  start(quick: QuickScore | null): void {
    if (!this.#shown && !this.#complete) this.#label("scorePending");
    if (!this.#complete) this.parts.get("debrief-status").textContent = this.texts.debriefPending ?? "";
    if (quick) this.#show(quick);
    // Events tell sooner; asking now and then is for lines that let no socket through.
    this.#later();
  }

  take(event: CallEvent): void {
    if (event.type === "score:ready" || event.type === "feedback:ready") void this.#ask();
    if (event.type === "attempt:voided") this.#voided(event.data);
  }

  #later(): void {
    window.clearTimeout(this.#timer);
    if (!this.#complete && this.#polls++ < POLLS) this.#timer = window.setTimeout(() => void this.#ask(), POLL_MS);
  }

  async #ask(): Promise<void> {
    try {
      const score = await getJson<ScoreAnswer>(this.url);
      if ((score.state ?? score.status) === "not_gradable") this.#void();
      else this.#take(score);
    } catch (error) {
      // A score that is not there yet, or a server that is away: the next question comes by itself.
      if (!(error instanceof ApiError)) throw error;
    }
    this.#later();
  }

  #take(score: ScoreAnswer): void {
    if (score.quick) this.#show(score.quick);
    if (score.judged_by?.deep && typeof score.overall_score === "number") {
      this.#complete = true;
      this.parts.get("debrief-status").textContent = this.texts.debriefReady ?? "";
      this.parts.get("over").dataset.debrief = "ready";
    }
  }

  #show(quick: QuickScore): void {
    if (this.#shown) return;
    this.#shown = true;
    this.#label("scoreReady");
    const number = this.parts.get("score-number");
    number.textContent = String(quick.overall);
    number.hidden = false;
    this.parts.get("score-wait").hidden = true;
    this.parts.get("score-summary").textContent = quick.summary;
  }

  #void(): void {
    this.#complete = true;
    this.#label("notGradable");
    this.parts.get("score-wait").hidden = true;
    this.parts.get("debrief-status").textContent = "";
    this.#offerAgain();
  }

  /** A fault of ours, or too little said: either way the attempt is given back, and the trainee is told why. */
  #voided(data: Record<string, unknown>): void {
    const told = typeof data.message === "string" ? data.message : "";
    const place = this.parts.get("voided");
    place.textContent = told || (this.texts.voided ?? "");
    place.hidden = false;
    this.#offerAgain();
  }

  /** Of an attempt that was given back; there is no such link where the scenario is not offered any more. */
  #offerAgain(): void {
    const again = this.parts.find("again");
    if (again) again.hidden = false;
  }

  #label(key: string): void {
    this.parts.get("score-label").textContent = this.texts[key] ?? "";
  }
}
