/** The room of one call: lobby → connecting → live ⇄ reconnecting → over, or open elsewhere. */
import { ApiError, postJson } from "../api";
import { Controls } from "./controls";
import { type CallEvent, CallEvents } from "./events";
import { Lobby } from "./lobby";
import { Parts } from "./parts";
import { type QuickScore, ScoreCard } from "./score";
import { CallSession, type Over } from "./session";
import { Transcript, type Turn } from "./transcript";
import { Visualiser } from "./visualiser";

export interface RoomData {
  callId: string;
  channel: "voice" | "text";
  language: string;
  underway: boolean;
  elapsedMs: number;
  timeLimitMs: number;
  buyer: string;
  consent: { known: boolean | null; text: string };
  urls: Record<"start" | "end" | "transcript" | "score" | "consents" | "practice" | "debrief", string>;
  texts: Record<string, string>;
}

interface StartAnswer {
  signed_url: string;
  events_url: string;
}

interface EndAnswer {
  quick_score: QuickScore | null;
}

type State = "lobby" | "connecting" | "live" | "reconnecting" | "elsewhere" | "over";

const LAST_MINUTE_MS = 60_000;
const THINKING_AFTER_MS = 700;
const END_TRIES = 6;

export class Room {
  readonly #parts: Parts;
  readonly #lobby: Lobby;
  readonly #transcript: Transcript;
  readonly #score: ScoreCard;
  readonly #visualiser: Visualiser;
  #session: CallSession | null = null;
  #events: CallEvents | null = null;
  #controls: Controls | null = null;
  #state: State = "lobby";
  #startedAt = 0;
  #clock = 0;
  #thinking = 0;
  #warned = false;
  #entering = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly data: RoomData,
  ) {
    this.#parts = new Parts(document);
    this.#lobby = new Lobby(this.#parts, data.texts);
    this.#score = new ScoreCard(this.#parts, data.texts, data.urls.score);
    const [list, scroller, guess] = ["turns", "scroller", "tentative"].map((name) => this.#parts.get(name));
    if (!list || !scroller || !guess) throw new Error("unreachable: get() throws");
    const names = { user: this.#text("you"), assistant: data.buyer, interrupted: this.#text("interrupted") };
    this.#transcript = new Transcript(list, scroller, guess, names, data.language);
    const canvas = this.#parts.get<HTMLCanvasElement>("visualiser");
    this.#visualiser = new Visualiser(canvas, () => this.#session?.spectrum() ?? null);
  }

  start(): void {
    this.#parts.get("start").addEventListener("click", () => void this.#enter());
    this.#parts.get("take-back").addEventListener("click", () => void this.#enter());
    window.addEventListener("beforeunload", (event) => {
      if (this.#state === "live" || this.#state === "reconnecting") event.preventDefault();
    });
    this.#move("lobby");
    this.#parts.get<HTMLButtonElement>("start").disabled = false;
    void this.#lobby.start();
  }

  // -- into the call ---------------------------------------------------------------------------------------------------
  async #enter(): Promise<void> {
    // A double click is one wish.
    if (this.#entering) return;
    this.#entering = true;
    try {
      const problem = await this.#obstacle();
      if (problem) this.#problem(problem);
      else await this.#dial();
    } finally {
      this.#entering = false;
    }
  }

  async #dial(): Promise<void> {
    const { deviceId, pushToTalk, consent } = this.#lobby;
    this.#move("connecting");
    this.#mode("connecting");
    try {
      await this.#remember(consent);
      const body = typeof consent === "boolean" ? { recording_consent: consent } : {};
      const answer = await postJson<StartAnswer>(this.data.urls.start, body);
      await this.#lobby.stop();
      this.#listen(answer.events_url);
      await this.#connect(answer.signed_url, deviceId);
      this.#begin(pushToTalk);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What still stands in the way, as a sentence. */
  async #obstacle(): Promise<string> {
    if (this.data.channel === "text") return "";
    if (!this.#lobby.listening && this.#state === "lobby" && !(await this.#lobby.check())) {
      return this.#parts.get("mic-status").textContent ?? "";
    }
    return this.#lobby.consent === null ? this.#text("answerConsent") : "";
  }

  /** An answer that is new is kept with the words that were shown, before anything is recorded. */
  async #remember(granted: boolean | null | undefined): Promise<void> {
    const { known, text } = this.data.consent;
    if (typeof granted !== "boolean" || granted === known) return;
    await postJson(this.data.urls.consents, { kind: "recording", granted, text });
    this.data.consent.known = granted;
  }

  async #connect(signedUrl: string, inputDeviceId: string): Promise<void> {
    const options = { signedUrl, inputDeviceId, textOnly: this.data.channel === "text" };
    this.#session = new CallSession(options, {
      onLine: (line) => this.#line(line),
      onOver: (why, reason) => void this.#closed(why, reason),
      onSpeaking: (speaking) => this.#mode(speaking ? "speaking" : "listening"),
      onTentative: (text) => this.#transcript.tentative(text),
    });
    await this.#session.open();
  }

  #begin(pushToTalk: boolean): void {
    this.#startedAt ||= performance.now() - this.data.elapsedMs;
    this.#controls ??= this.#makeControls(pushToTalk);
    this.#session?.setMuted(this.#controls.silenced);
    window.clearInterval(this.#clock);
    this.#clock = window.setInterval(() => this.#tick(), 250);
    this.#visualiser.start();
    this.#parts.get("leave").hidden = true;
    if (this.data.channel === "text") this.#parts.get("type-input").focus();
    else this.#parts.get("end").focus({ preventScroll: true });
  }

  #makeControls(pushToTalk: boolean): Controls {
    const controls = new Controls(this.#parts, this.data.texts, pushToTalk, {
      onOpenMic: (open) => {
        this.#session?.setMuted(!open);
        this.#mode("listening");
      },
      onText: (text) => {
        this.#session?.say(text);
        this.#transcript.tentative(text);
      },
      onTyping: () => this.#session?.typing(),
      onEnd: () => void this.#hangUp(),
    });
    controls.start();
    return controls;
  }

  #failed(error: unknown): void {
    void this.#session?.hangUp();
    this.#session = null;
    this.#move(this.#startedAt ? "elsewhere" : "lobby");
    this.#problem(this.#explain(error));
    if (this.data.channel === "voice" && this.#state === "lobby") void this.#lobby.check();
  }

  #explain(error: unknown): string {
    if (!(error instanceof ApiError)) return this.#text("startFailed");
    if (error.code === "network") return this.#text("offline");
    if (error.status === 429) return this.#text("wait").replace("%(seconds)s", String(error.retryAfter ?? 60));
    return error.body.message;
  }

  // -- what happens in it ----------------------------------------------------------------------------------------------
  #listen(url: string): void {
    this.#events?.close();
    this.#events = new CallEvents(url, (event) => this.#happened(event));
    this.#events.start();
  }

  #happened(event: CallEvent): void {
    if (event.type === "turn:added") {
      const turn = event.data.turn as Turn;
      this.#transcript.put(turn);
      if (turn.role === "user") this.#think();
      else if (this.data.channel === "text") this.#mode("listening");
    } else if (event.type === "call:ended") {
      void this.#over(String(event.data.ended_by ?? ""), String(event.data.reason ?? ""));
    }
    this.#score.take(event);
  }

  /** A reply takes a moment; say so when the moment is long enough to wonder. */
  #think(): void {
    window.clearTimeout(this.#thinking);
    this.#thinking = window.setTimeout(() => {
      if (this.root.dataset.mode === "listening") this.#mode("thinking");
    }, THINKING_AFTER_MS);
  }

  #line(line: "connected" | "reconnecting"): void {
    if (this.#state === "over") return;
    const back = line === "connected" && this.#state === "reconnecting";
    this.#move(line === "connected" ? "live" : "reconnecting");
    if (line === "reconnecting") this.#bar("reconnecting", true);
    else this.#parts.get("line").hidden = true;
    if (back) this.#announce("reconnected");
    if (line === "connected") this.#mode("listening");
  }

  async #closed(why: Over, reason: string): Promise<void> {
    if (why === "elsewhere") {
      this.#move("elsewhere");
      this.#stopClock();
      this.#bar("elsewhere", false);
      this.#parts.get("take-back").hidden = false;
      return;
    }
    await this.#over(why === "lost" ? "system" : "", reason);
  }

  // -- out of it -------------------------------------------------------------------------------------------------------
  async #hangUp(): Promise<void> {
    this.#session?.setMuted(true);
    await this.#over("trainee", "hung_up");
  }

  async #over(endedBy: string, reason: string): Promise<void> {
    if (this.#state === "over") {
      this.#because(endedBy, reason);
      return;
    }
    this.#move("over");
    this.#stopClock();
    this.#controls?.stop();
    this.#because(endedBy, reason);
    this.#parts.get("over-title").focus();
    const quick = await this.#end();
    this.#score.start(quick);
    await this.#session?.hangUp();
  }

  /** Hang up for good, or learn how it ended; the answer is the same both times. Tried again while the server is away. */
  async #end(): Promise<QuickScore | null> {
    for (let attempt = 0; attempt < END_TRIES; attempt++) {
      try {
        // Whoever leaves the page at once has hung up all the same.
        return (await postJson<EndAnswer>(this.data.urls.end, {}, { keepalive: true })).quick_score;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
        await new Promise((resolve) => window.setTimeout(resolve, 1000 * (attempt + 1)));
      }
    }
    return null;
  }

  #because(endedBy: string, reason: string): void {
    const by: Record<string, string> = { trainee: "endedByTrainee", persona: "endedByBuyer", system: "endedBySystem" };
    const sentences = [by[endedBy], endedBy === "trainee" ? "" : `reason_${reason}`]
      .map((key) => this.data.texts[key ?? ""] ?? "")
      .filter(Boolean);
    if (sentences.length > 0) this.#parts.get("over-reason").textContent = sentences.join(" ");
  }

  // -- what is shown ---------------------------------------------------------------------------------------------------
  #move(state: State): void {
    this.#state = state;
    this.root.dataset.state = state;
    const shown = state === "lobby" ? "lobby" : state === "over" ? "over" : "live";
    for (const part of ["lobby", "live", "over"]) this.#parts.get(part).hidden = part !== shown;
    this.#parts.get("problem").hidden = true;
    if (state === "connecting") this.#parts.get("line").hidden = true;
    if (state !== "live" && state !== "reconnecting") this.#parts.get("leave").hidden = false;
  }

  #mode(mode: "connecting" | "listening" | "speaking" | "thinking"): void {
    if (mode !== "thinking") window.clearTimeout(this.#thinking);
    this.root.dataset.mode = mode;
    let key: string = mode;
    if (mode === "listening" && this.#controls?.muted) key = "muted";
    else if (mode === "listening" && this.#controls?.silenced) key = "holdToTalk";
    this.#parts.get("mode").textContent = this.#text(key);
  }

  #bar(key: string, busy: boolean): void {
    this.#parts.get("line").hidden = false;
    this.#parts.get("line-text").textContent = this.#text(key);
    this.#parts.get("line-spinner").hidden = !busy;
    this.#parts.get("take-back").hidden = true;
  }

  #tick(): void {
    const elapsed = performance.now() - this.#startedAt;
    const seconds = Math.floor(elapsed / 1000);
    this.#parts.get("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!this.#warned && this.data.timeLimitMs - elapsed < LAST_MINUTE_MS) {
      this.#warned = true;
      this.#parts.get("timer").classList.add("text-error");
      this.#announce("timeLeft");
    }
  }

  #stopClock(): void {
    window.clearInterval(this.#clock);
    window.clearTimeout(this.#thinking);
    this.#visualiser.stop();
  }

  #problem(text: string): void {
    if (this.#state !== "lobby") {
      this.#parts.get("line").hidden = false;
      this.#parts.get("line-text").textContent = text;
      return;
    }
    this.#parts.get("problem").hidden = false;
    this.#parts.get("problem-text").textContent = text;
  }

  #announce(key: string): void {
    this.#parts.get("announcer").textContent = this.#text(key);
  }

  #text(key: string): string {
    return this.data.texts[key] ?? "";
  }
}
