/** What the trainee is told beside the transcript: the line, slowness, the microphone, who listens in. */
import type { ListedMicrophone } from "./devices";
import type { Parts } from "./parts";

export interface Observer {
  name: string;
}

/** The badge that says who listens in; gone when nobody does. */
export function showObservers(
  parts: Parts,
  observers: Observer[],
  { language, texts }: { language: string; texts: Record<string, string> },
): void {
  const badge = parts.get("observers");
  badge.hidden = observers.length === 0;
  if (observers.length === 0) return;
  const names = new Intl.ListFormat(language).format(observers.map(({ name }) => name));
  const text = texts[observers.length === 1 ? "observerOne" : "observerMany"] ?? "";
  parts.get("observers-text").textContent = text.replace("%(names)s", names);
}

export class Notices {
  constructor(
    private readonly parts: Parts,
    private readonly texts: Record<string, string>,
    private readonly language: string,
  ) {}

  /** The bar about the connection. `takeBack`: the call is open elsewhere and can be had back. */
  line(key: string, look: { busy?: boolean; takeBack?: boolean } = {}): void {
    this.lineText(this.#text(key), look);
  }

  lineText(text: string, { busy = false, takeBack = false }: { busy?: boolean; takeBack?: boolean } = {}): void {
    this.parts.get("line").hidden = false;
    this.parts.get("line-text").textContent = text;
    this.parts.get("line-spinner").hidden = !busy;
    this.parts.get("take-back").hidden = !takeBack;
  }

  lineGone(): void {
    this.parts.get("line").hidden = true;
  }

  /** A remark that needs no answer. */
  note(key: string): void {
    const note = this.parts.get("note");
    note.dataset.note = key;
    note.hidden = false;
    this.parts.get("note-text").textContent = this.#text(key);
  }

  /** Take the remark away, if it is still the one that is shown. */
  noteGone(key: string): void {
    const note = this.parts.get("note");
    if (note.dataset.note === key) note.hidden = true;
  }

  microphoneGone(): void {
    this.parts.get("mic-gone").hidden = false;
    this.parts.get("mic-gone-text").textContent = this.#text("micGone");
  }

  microphoneRefused(key: string): void {
    this.parts.get("mic-gone-text").textContent = this.#text(key);
  }

  microphoneBack(): void {
    this.parts.get("mic-gone").hidden = true;
  }

  /** What can be chosen instead of the one that is gone. */
  choice(microphones: ListedMicrophone[]): void {
    const select = this.parts.get<HTMLSelectElement>("mic-choice");
    select.replaceChildren(...microphones.map(({ id, label }) => new Option(label, id)));
    this.parts.get("mic-choices").hidden = microphones.length === 0;
  }

  get chosen(): string {
    return this.parts.get<HTMLSelectElement>("mic-choice").value;
  }

  observers(observers: Observer[]): void {
    showObservers(this.parts, observers, { language: this.language, texts: this.texts });
  }

  announce(key: string): void {
    this.parts.get("announcer").textContent = this.#text(key);
  }

  #text(key: string): string {
    return this.texts[key] ?? "";
  }
}
