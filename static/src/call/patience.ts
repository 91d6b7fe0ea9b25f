/** A reply takes a moment, and so may the buyer's first word; say so when the moment is long enough to wonder. */

const THINKING_AFTER_MS = 700;
const SLOW_AFTER_MS = 4000;

export class Patience {
  #thinking = 0;
  #slow = 0;
  #opening = false;
  #begun = false;

  /** `mode` is what the room shows: only who listens may be thinking, and only who thinks may be slow to answer. `onOver`:
   * nobody is waited for any longer. */
  constructor(
    private readonly mode: () => string,
    private readonly onThinking: () => void,
    private readonly onSlow: () => void,
    private readonly onOver: () => void,
  ) {}

  /** The buyer is to speak first. Until then the room calls it listening: there is nothing yet to think about. */
  openingDue(): void {
    if (this.#begun) return;
    this.#stop();
    this.#opening = true;
    this.#slow = window.setTimeout(this.onSlow, SLOW_AFTER_MS);
  }

  answerDue(): void {
    this.#stop();
    this.#thinking = window.setTimeout(() => {
      if (this.mode() === "listening") this.onThinking();
    }, THINKING_AFTER_MS);
    this.#slow = window.setTimeout(() => {
      if (this.mode() === "thinking") this.onSlow();
    }, SLOW_AFTER_MS);
  }

  /** A word is said, by the buyer or by a trainee who did not wait for it. */
  spoken(): void {
    this.#begun = true;
    if (this.#opening) this.over();
  }

  /** What the room shows from now on. To listen is the end of a wait for an answer, not of that for a first word. */
  shows(mode: string): void {
    if (mode !== "thinking" && !(mode === "listening" && this.#opening)) this.over();
  }

  over(): void {
    this.#stop();
    this.onOver();
  }

  #stop(): void {
    this.#opening = false;
    window.clearTimeout(this.#thinking);
    window.clearTimeout(this.#slow);
  }
}
