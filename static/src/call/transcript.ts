/** The live transcript. Turns come from the events socket, durable and numbered; what is still being said is dimmed. */

export interface Turn {
  id: string;
  seq: number;
  role: "user" | "assistant";
  content: string;
  timestamp_ms: number;
  interrupted: boolean;
  /** Who says it, where several people speak for the buyer's side. */
  speaker?: string;
}

interface Names {
  user: string;
  assistant: string;
  interrupted: string;
}

const NEAR_END_PX = 120;

export class Transcript {
  readonly #items = new Map<number, HTMLLIElement>();
  #following = true;

  constructor(
    private readonly list: HTMLElement,
    private readonly scroller: HTMLElement,
    private readonly guess: HTMLElement,
    private readonly unsent: HTMLElement,
    private readonly names: Names,
    private readonly language: string,
  ) {
    guess.lang = language;
    unsent.lang = language;
    const size = () => `${scroller.clientWidth}×${scroller.clientHeight}`;
    let seen = "";
    const scrolled = () => {
      // Lines that break anew are scrolled by the browser, before the observer hears of it: nobody has read back then.
      if (size() === seen) this.#following = this.#nearEnd();
    };
    scroller.addEventListener("scroll", scrolled, { passive: true });
    // A notice above takes room, or a phone is turned: the newest words are not to slip out of sight by it.
    new ResizeObserver(() => {
      seen = size();
      if (this.#following) this.#toEnd();
    }).observe(scroller);
  }

  get size(): number {
    return this.#items.size;
  }

  /** A new turn, a repeated one, or the corrected words of one that was cut off. */
  put(turn: Turn): void {
    const stick = this.#nearEnd();
    const known = this.#items.get(turn.seq);
    const item = known ?? this.#insert(turn);
    const note = turn.interrupted ? this.names.interrupted : "";
    const words = item.querySelector("[data-words]");
    const mark = item.querySelector("[data-note]");
    if (words && words.textContent !== turn.content) words.textContent = turn.content;
    if (mark) mark.textContent = note ? `(${note})` : "";
    if (turn.role === "user") this.tentative("");
    if (stick) this.#toEnd();
  }

  /** Words that better ones have taken the place of. */
  remove(seq: number): void {
    this.#items.get(seq)?.remove();
    this.#items.delete(seq);
  }

  /** What the trainee seems to be saying; empty when it is said. */
  tentative(text: string): void {
    const stick = this.#nearEnd();
    this.guess.textContent = text;
    this.guess.hidden = !text;
    if (stick && text) this.#toEnd();
  }

  /** What was typed and is not on record yet. */
  waiting(lines: string[]): void {
    const stick = this.#nearEnd();
    this.unsent.replaceChildren(
      ...lines.map((text) => {
        const item = document.createElement("li");
        item.className = "turn turn-trainee turn-tentative";
        item.textContent = text;
        return item;
      }),
    );
    this.unsent.hidden = lines.length === 0;
    if (stick && lines.length > 0) this.#toEnd();
  }

  #insert(turn: Turn): HTMLLIElement {
    const item = document.createElement("li");
    item.className = `turn ${turn.role === "user" ? "turn-trainee" : "turn-buyer"}`;
    item.dataset.seq = String(turn.seq);
    item.dataset.role = turn.role;
    const who = document.createElement("p");
    who.className = "turn-who";
    who.textContent = turn.speaker || this.names[turn.role];
    const note = document.createElement("span");
    note.className = "turn-note";
    note.dataset.note = "";
    who.append(note);
    const words = document.createElement("p");
    words.dataset.words = "";
    words.lang = this.language;
    item.append(who, words);
    const after = [...this.#items.keys()].filter((seq) => seq > turn.seq).sort((a, b) => a - b)[0];
    this.list.insertBefore(item, after === undefined ? null : (this.#items.get(after) ?? null));
    this.#items.set(turn.seq, item);
    return item;
  }

  #nearEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
