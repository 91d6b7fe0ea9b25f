/**
 * What was typed and is not yet known to have been said. It outlives a lost line and a reloaded page: every line is kept
 * in the browser until its turn comes back over the events socket, or the transcript has taken it.
 */
import { holdLines, keyOf, type Line, readLines, writeLines } from "../waiting/lines";
import { owner } from "../waiting/store";

export class Outbox {
  readonly #key: string;
  #items: Line[];
  /** The call is over: what was not said may be sent from anywhere. */
  readonly letGo: () => void;

  constructor(
    callId: string,
    private readonly url: string,
    private readonly onChange: (waiting: string[]) => void,
  ) {
    this.#key = keyOf(owner(), callId);
    this.#items = readLines(this.#key);
    this.letGo = holdLines(this.#key);
  }

  get waiting(): readonly Line[] {
    return this.#items;
  }

  add(text: string, atMs: number): Line {
    const line = { id: crypto.randomUUID(), text, at_ms: Math.max(0, Math.round(atMs)) };
    this.#set([...this.#items, line]);
    return line;
  }

  /** A turn of the trainee is on record: the oldest line with these words is said. */
  said(words: string): void {
    const plain = bare(words);
    const index = this.#items.findIndex(({ text }) => bare(text) === plain);
    if (index >= 0) this.#set(this.#items.filter((_item, place) => place !== index));
  }

  clear(): void {
    this.#set([]);
  }

  show(): void {
    this.onChange(this.#items.map(({ text }) => text));
  }

  #set(items: Line[]): void {
    this.#items = items;
    writeLines(this.#key, this.url, items);
    this.show();
  }
}

/** Deaf to case, spaces and punctuation, which a server may tidy. */
function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
