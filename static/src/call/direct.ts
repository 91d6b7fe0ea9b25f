/** The transcript of a call that goes straight to the voice service: numbered here, because nobody else does yet. */
import type { Said } from "./session";
import type { Turn } from "./transcript";

// Should the call go on through us, our numbers (from 1) come after these.
const BELOW_OURS = 1_000_000;

export class DirectTurns {
  readonly #numbers = new Map<string, number>();
  #last = -BELOW_OURS;

  constructor(private readonly clock: () => number) {}

  /** The turn that these words are, new or corrected. */
  turn({ role, eventId, text, corrected }: Said): Turn {
    const name = `${role}.${eventId || this.#last}`;
    const known = corrected ? (this.#numbers.get(name) ?? this.#last) : undefined;
    const seq = known ?? ++this.#last;
    this.#numbers.set(name, seq);
    return {
      id: `direct-${seq + BELOW_OURS}`,
      seq,
      role,
      content: text,
      timestamp_ms: Math.round(this.clock()),
      interrupted: corrected,
    };
  }
}
