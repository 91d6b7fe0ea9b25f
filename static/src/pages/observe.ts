/** Listening in on a call: both voices and every word, while its trainee sees that one does. */
import "../call/room.css";
import "../observe/observe.css";
import { pageData } from "../api";
import { type CallEvent, CallEvents } from "../call/events";
import { LiveWords } from "../call/heard";
import { Parts } from "../call/parts";
import { Transcript } from "../call/transcript";
import { type Side, Voices } from "../observe/voices";

interface ObserveData {
  callId: string;
  language: string;
  elapsedMs: number;
  underway: boolean;
  trainee: string;
  buyer: string;
  urls: Record<"listen" | "debrief" | "live", string>;
  texts: Record<string, string>;
}

/** The socket's way to say that one may not listen, or not any more. */
const NOT_HERE = 4404;
const MOST_FAILURES = 4;

class ObservePage {
  readonly #parts = new Parts(document);
  readonly #words: LiveWords;
  readonly #line: CallEvents;
  readonly #voices: Voices | null;
  #startedAt = 0;
  #clock = 0;
  #failures = 0;
  #muted = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly data: ObserveData,
  ) {
    const { trainee: user, buyer: assistant, texts } = data;
    const transcript = new Transcript(
      this.#parts.get("turns"),
      this.#parts.get("scroller"),
      this.#parts.get("tentative"),
      this.#parts.get("unsent"),
      { user, assistant, interrupted: texts.interrupted ?? "" },
      data.language,
    );
    this.#words = new LiveWords(transcript);
    this.#voices = this.#parts.find("sound") ? new Voices((side, level, ms) => this.#level(side, level, ms)) : null;
    const url = new URL(data.urls.listen, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#line = new CallEvents(url.href, (event) => this.#happened(event), {
      onSound: (frame) => this.#voices?.play(frame),
      onOpen: () => this.#opened(),
      onClosed: (code) => this.#lost(code),
    });
  }

  start(): void {
    this.#parts.find("play")?.addEventListener("click", () => void this.#allowSound());
    this.#parts.find("mute")?.addEventListener("click", () => this.#toggleMute());
    if (this.data.underway) this.#begin(this.data.elapsedMs);
    this.#line.start();
    this.#offerSound();
  }

  #opened(): void {
    this.#failures = 0;
    this.#move("listening");
  }

  #lost(code: number): void {
    this.#failures += 1;
    if (code === NOT_HERE || this.#failures >= MOST_FAILURES) this.#end("refused");
    else this.#move("reconnecting");
  }

  #happened(event: CallEvent): void {
    if (this.#words.take(event)) return;
    if (event.type === "call:started") this.#begin(this.data.elapsedMs);
    else if (event.type === "call:ended") this.#end("over");
  }

  #end(state: "over" | "refused"): void {
    this.#line.close();
    window.clearInterval(this.#clock);
    this.#move(state);
    const sound = this.#parts.find("sound");
    if (sound) sound.hidden = true;
    this.#parts.get("after").hidden = state !== "over";
    // What was said last is still on its way to the ear.
    window.setTimeout(() => void this.#voices?.close(), 10_000);
  }

  #begin(elapsedMs: number): void {
    if (this.#startedAt) return;
    this.#startedAt = performance.now() - elapsedMs;
    this.#clock = window.setInterval(() => {
      const seconds = Math.floor((performance.now() - this.#startedAt) / 1000);
      this.#parts.get("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }, 250);
  }

  // -- sound -----------------------------------------------------------------------------------------------------------
  /** Browsers play nothing before a click on the page. */
  #offerSound(): void {
    const play = this.#parts.find("play");
    if (play) play.hidden = !this.#voices?.silenced;
  }

  async #allowSound(): Promise<void> {
    await this.#voices?.allow();
    this.#offerSound();
    this.#parts.get("mute").focus();
  }

  #toggleMute(): void {
    this.#muted = !this.#muted;
    this.#voices?.mute(this.#muted);
    this.#parts.get("mute").setAttribute("aria-pressed", String(this.#muted));
    this.#parts.get("mute-label").textContent = this.data.texts[this.#muted ? "unmute" : "mute"] ?? "";
  }

  #level(side: Side, level: number, ms: number): void {
    for (const name of side === "both" ? ["trainee", "buyer"] : [side]) {
      const bar = this.#parts.get(`level-${name}`);
      bar.style.setProperty("--level", level.toFixed(2));
      this.root.setAttribute(`data-heard-${name}`, "yes");
      window.setTimeout(() => bar.style.setProperty("--level", "0"), Math.min(ms, 400));
    }
  }

  #move(state: "listening" | "reconnecting" | "over" | "refused"): void {
    this.root.dataset.state = state;
    this.#parts.get("status").textContent = this.data.texts[state] ?? "";
  }
}

const root = document.querySelector<HTMLElement>("[data-observe]");
if (root) new ObservePage(root, pageData<ObserveData>("observe-data")).start();
