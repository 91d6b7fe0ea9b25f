/**
 * What was typed and is not yet known to have been said. It outlives a lost line and a reloaded page: every line is kept
 * in the browser until its turn comes back over the events socket.
 */

export interface Kept {
  id: string;
  text: string;
  /** Milliseconds of the call's clock. */
  at_ms: number;
}

export class Outbox {
  readonly #key: string;
  #items: Kept[];

  constructor(
    callId: string,
    private readonly onChange: (waiting: string[]) => void,
  ) {
    this.#key = `parley.outbox.${callId}`;
    this.#items = read(this.#key);
  }

  get waiting(): readonly Kept[] {
    return this.#items;
  }

  add(text: string, atMs: number): Kept {
    const kept = { id: crypto.randomUUID(), text, at_ms: Math.max(0, Math.round(atMs)) };
    this.#set([...this.#items, kept]);
    return kept;
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

  #set(items: Kept[]): void {
    this.#items = items;
    try {
      if (items.length > 0) localStorage.setItem(this.#key, JSON.stringify(items));
      else localStorage.removeItem(this.#key);
    } catch {
      // A browser that keeps nothing (private mode, full disk): the lines still wait in memory.
    }
    this.show();
  }
}

function read(key: string): Kept[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? (found as Kept[]) : [];
  } catch {
    return [];
  }
}

/** Deaf to case, spaces and punctuation, which a server may tidy. */
function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
