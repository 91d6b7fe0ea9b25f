/** The time in the call, and a word when little of it is left. */
import type { Parts } from "./parts";

const LAST_MINUTE_MS = 60_000;

export class CallClock {
  #startedAt = 0;
  #timer = 0;
  #warned = false;

  constructor(
    private readonly parts: Parts,
    private readonly limitMs: number,
    private readonly onLastMinute: () => void,
  ) {}

  get started(): boolean {
    return this.#startedAt !== 0;
  }

  /** Milliseconds since the call's start. */
  get elapsedMs(): number {
    return this.started ? performance.now() - this.#startedAt : 0;
  }

  /** Start, or go on: `elapsedMs` counts the first time only. */
  run(elapsedMs: number): void {
    this.#startedAt ||= performance.now() - elapsedMs;
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(() => this.#tick(), 250);
  }

  stop(): void {
    window.clearInterval(this.#timer);
  }

  #tick(): void {
    const seconds = Math.floor(this.elapsedMs / 1000);
    this.parts.get("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.#warned || this.limitMs - this.elapsedMs >= LAST_MINUTE_MS) return;
    this.#warned = true;
    this.parts.get("timer").classList.add("text-error");
    this.onLastMinute();
  }
}
