/** A reply takes a moment; say so when the moment is long enough to wonder. */

const THINKING_AFTER_MS = 700;
const SLOW_AFTER_MS = 4000;

export class Patience {
  #thinking = 0;
  #slow = 0;

  /** `mode` is what the room shows: only who listens may be thinking, and only who thinks may be slow. */
  constructor(
    private readonly mode: () => string,
    private readonly onThinking: () => void,
    private readonly onSlow: () => void,
  ) {}

  answerDue(): void {
    this.answered();
    this.#thinking = window.setTimeout(() => {
      if (this.mode() === "listening") this.onThinking();
    }, THINKING_AFTER_MS);
    this.#slow = window.setTimeout(() => {
      if (this.mode() === "thinking") this.onSlow();
    }, SLOW_AFTER_MS);
  }

  answered(): void {
    window.clearTimeout(this.#thinking);
    window.clearTimeout(this.#slow);
  }
}
