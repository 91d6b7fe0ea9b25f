/**
 * What is said in a call, from its events. Words of a call that goes past the server are shown as the voice service hears them,
 * and make room for the turns of its record.
 */
import type { CallEvent } from "./events";
import type { Transcript, Turn } from "./transcript";

interface HeardLine {
  id: string;
  role: Turn["role"];
  content: string;
  timestamp_ms: number;
  /** Pieces of the same words that were told before. */
  replaces: string[];
}

export class LiveWords {
  /** Where each line stands in the transcript. */
  readonly #places = new Map<string, number>();
  #onRecord = false;

  constructor(private readonly transcript: Transcript) {}

  /** True for an event that said something. */
  take(event: CallEvent): boolean {
    if (event.type === "turn:added") this.#turn(event.data.turn as Turn);
    else if (event.type === "words:heard") this.#heard(event.data.line as HeardLine, event.seq);
    else return false;
    return true;
  }

  #turn(turn: Turn): void {
    this.#onRecord = true;
    this.#drop([...this.#places.keys()]);
    this.transcript.put(turn);
  }

  #heard(line: HeardLine, number: number): void {
    if (this.#onRecord) return;
    this.#drop(line.replaces);
    // By time; lines of the same moment in the order in which they were told.
    const place = line.timestamp_ms + number / 1e6;
    this.#places.set(line.id, place);
    this.transcript.put({ ...line, seq: place, interrupted: false });
  }

  #drop(names: string[]): void {
    for (const name of names) {
      const place = this.#places.get(name);
      if (place !== undefined) this.transcript.remove(place);
      this.#places.delete(name);
    }
  }
}
