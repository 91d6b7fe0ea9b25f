/** A practice call by telephone, as its page shows it: what is said while it is said, who speaks, and who listens in. */
import "../call/room.css";
import { pageData } from "../api";
import { CallClock } from "../call/clock";
import { type CallEvent, CallEvents } from "../call/events";
import { LiveWords } from "../call/heard";
import { type Observer, showObservers } from "../call/notices";
import { Parts } from "../call/parts";
import { Transcript } from "../call/transcript";

interface PhoneData {
  language: string;
  buyer: string;
  events: string;
  underway: boolean;
  elapsedMs: number;
  texts: Record<string, string>;
}

/** The clock of a telephone call warns of nothing: the voice service keeps the time there. */
const NO_LIMIT = Number.POSITIVE_INFINITY;

class PhonePage {
  readonly #parts = new Parts(document);
  readonly #words: LiveWords;
  readonly #clock: CallClock;
  readonly #line: CallEvents;
  #speaking = "";

  constructor(private readonly data: PhoneData) {
    const { buyer: assistant, texts } = data;
    const transcript = new Transcript(
      this.#parts.get("turns"),
      this.#parts.get("scroller"),
      this.#parts.get("tentative"),
      this.#parts.get("unsent"),
      { user: texts.you ?? "", assistant, interrupted: texts.interrupted ?? "" },
      data.language,
    );
    this.#words = new LiveWords(transcript);
    this.#clock = new CallClock(this.#parts, NO_LIMIT, () => {});
    const url = new URL(data.events, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#line = new CallEvents(url.href, (event) => this.#happened(event));
  }

  start(): void {
    if (this.data.underway) this.#begin();
    this.#line.start();
  }

  #happened(event: CallEvent): void {
    if (this.#words.take(event)) {
      this.#parts.get("words").hidden = false;
      this.#parts.get("nothing-yet").hidden = true;
    } else if (event.type === "speaking") {
      this.#speaks(String(event.data.role), event.data.speaking === true);
    } else if (event.type === "presence") {
      showObservers(this.#parts, (event.data.observers ?? []) as Observer[], {
        language: document.documentElement.lang,
        texts: this.data.texts,
      });
    } else if (event.type === "call:started") {
      this.#begin();
    } else if (event.type === "call:ended") {
      this.#end();
    }
  }

  #begin(): void {
    this.#parts.get("words").hidden = false;
    this.#clock.run(this.data.elapsedMs);
  }

  #end(): void {
    this.#clock.stop();
    this.#speaks(this.#speaking, false);
    this.#parts.get("nothing-yet").hidden = true;
    this.#parts.get("observers").hidden = true;
  }

  /** The end of one voice may be told after the beginning of the other. */
  #speaks(role: string, speaking: boolean): void {
    if (speaking) this.#speaking = role;
    else if (this.#speaking === role) this.#speaking = "";
    this.#parts.get("speaking").textContent = this.data.texts[`speaking_${this.#speaking}`] ?? "";
  }
}

new PhonePage(pageData<PhoneData>("phone-data")).start();
