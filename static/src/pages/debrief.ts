/** The debrief: asks for what is new as soon as it is told, leads from a quote to its place in the recording. */

import { getJson, pageData } from "../api";
import { CallEvents } from "../call/events";
import { drawTalk } from "../charts";

interface Spoken {
  at: number;
  words: number;
  trainee: boolean;
}

const WANTED = new Set(["score:ready", "feedback:ready", "attempt:voided"]);

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Does the call stand beside the analysis, in a column that scrolls by itself? */
function scrollsByItself(turn: Element): boolean {
  const column = turn.closest<HTMLElement>(".call-column");
  return column !== null && getComputedStyle(column).position === "sticky";
}

/** What htmx shows is replaced as a whole, so everything is looked up when it is needed. */
class DebriefPage {
  private events: CallEvents | null = null;
  private drawn: Element | null = null;

  constructor(private readonly texts: DOMStringMap) {}

  start(): void {
    document.addEventListener("click", (event) => this.clicked(event));
    document.body.addEventListener("htmx:afterSettle", () => this.refreshed());
    this.show();
    this.listen();
  }

  private get body(): HTMLElement | null {
    return document.getElementById("debrief");
  }

  private get isWaiting(): boolean {
    return this.body?.hasAttribute("hx-get") ?? false;
  }

  private get audio(): HTMLAudioElement | null {
    return document.querySelector<HTMLAudioElement>("audio[data-recording]");
  }

  private refreshed(): void {
    const said = {
      quick: this.texts.textQuick,
      ready: this.texts.textReady,
      needs_review: this.texts.textNeedsReview,
      not_gradable: this.texts.textNotGradable,
    };
    const status = document.querySelector("[data-debrief-status]");
    const state = this.body?.dataset.state as keyof typeof said;
    if (status) status.textContent = said[state] ?? "";
    this.show();
    if (!this.isWaiting) this.events?.close();
  }

  private show(): void {
    const frame = document.querySelector<HTMLElement>("[data-words]");
    if (frame && frame !== this.drawn) {
      this.drawn = frame;
      const bars = pageData<Spoken[]>("debrief-chart").map((turn) => ({ label: clock(turn.at), ...turn }));
      const names: [string, string] = [frame.dataset.trainee ?? "", frame.dataset.buyer ?? ""];
      void drawTalk(frame, bars, names, this.texts.textWords ?? "");
    }
    if (this.audio && !this.audio.dataset.ready) void this.load(this.audio);
  }

  // -- news ----------------------------------------------------------------------------------------------------------

  private listen(): void {
    if (!this.isWaiting || !this.texts.events) return;
    const url = new URL(this.texts.events, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    // The page also asks by itself now and then, so a lost socket only costs seconds.
    this.events = new CallEvents(url.href, ({ type }) => {
      if (WANTED.has(type)) this.body?.dispatchEvent(new Event("scored"));
    });
    this.events.start();
  }

  // -- the recording ---------------------------------------------------------------------------------------------------

  /** Fetch a signed link; it ends after a while, so an error later fetches another one and goes on from there. */
  private async load(audio: HTMLAudioElement): Promise<void> {
    audio.dataset.ready = "yes";
    audio.addEventListener("timeupdate", () => this.follow(audio.currentTime * 1000));
    let renewed = 0;
    audio.addEventListener("error", () => {
      if (renewed++ < 2) void this.link(audio, audio.currentTime);
      else this.explain();
    });
    await this.link(audio, 0);
  }

  private async link(audio: HTMLAudioElement, from: number): Promise<void> {
    try {
      const { url } = await getJson<{ url: string }>(this.texts.recordingUrl ?? "");
      const playing = !audio.paused;
      audio.preload = "metadata";
      audio.src = url;
      audio.currentTime = from;
      if (playing) await audio.play();
    } catch {
      this.explain();
    }
  }

  private explain(): void {
    const problem = document.querySelector<HTMLElement>("[data-recording-problem]");
    if (!problem) return;
    problem.hidden = false;
    problem.textContent = this.texts.textRecordingFailed ?? "";
  }

  private clicked(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-seek]") : null;
    if (!link || event.metaKey || event.ctrlKey) return;
    const turn = document.getElementById(link.hash.slice(1));
    if (!turn) return;
    // Stacked below the analysis, the call is a jump away, and the browser's own jump can be undone with "back".
    if (scrollsByItself(turn)) {
      event.preventDefault();
      turn.scrollIntoView({ block: "nearest" });
      turn.focus({ preventScroll: true });
    }
    this.mark(turn);
    const audio = this.audio;
    if (!audio?.src) return;
    audio.currentTime = Number(link.dataset.seek) / 1000;
    void audio.play().catch(() => this.explain());
  }

  /** Mark the turn that is heard, and the place on the line of time. */
  private follow(ms: number): void {
    const now = document.querySelector<HTMLElement>("[data-now]");
    const audio = this.audio;
    if (now && audio && Number.isFinite(audio.duration)) {
      now.hidden = false;
      now.style.insetInlineStart = `${Math.min(100, ms / 10 / audio.duration)}%`;
    }
    for (const turn of document.querySelectorAll<HTMLElement>("[data-start]")) {
      if (ms >= Number(turn.dataset.start) && ms < Number(turn.dataset.end)) this.mark(turn);
    }
  }

  private mark(turn: HTMLElement): void {
    if (turn.classList.contains("turn-now")) return;
    for (const other of document.querySelectorAll(".turn-now")) other.classList.remove("turn-now");
    turn.classList.add("turn-now");
    if (scrollsByItself(turn)) turn.scrollIntoView({ block: "nearest" });
  }
}

const page = document.querySelector<HTMLElement>("[data-debrief-page]");
if (page) new DebriefPage(page.dataset).start();
