/** The room of one call: lobby → connecting → live ⇄ reconnecting → over, or open elsewhere. */
import { ApiError, getJson, postJson } from "../api";
import { CallClock } from "./clock";
import { Controls } from "./controls";
import { DirectTurns } from "./direct";
import { Ending, LOST } from "./ending";
import { type CallEvent, CallEvents } from "./events";
import { Lobby } from "./lobby";
import { CallMicrophone } from "./microphone";
import { Notices, type Observer } from "./notices";
import { Outbox } from "./outbox";
import { Parts } from "./parts";
import { Patience } from "./patience";
import { ScoreCard } from "./score";
import { NO_PROVIDER, noWayThrough, type Over, refusedBecause, type Voice } from "./session";
import { showSpeaker } from "./speaker";
import { Transcript, type Turn } from "./transcript";
import { streams } from "./turns";
import { Visualiser } from "./visualiser";
import { type StartAnswer, voiceBy } from "./voices";

export interface RoomData {
  callId: string;
  channel: "voice" | "text";
  language: string;
  underway: boolean;
  elapsedMs: number;
  timeLimitMs: number;
  buyer: string;
  consent: { known: boolean | null; text: string };
  urls: Record<
    "call" | "start" | "webCall" | "speak" | "end" | "transcript" | "score" | "consents" | "practice" | "debrief",
    string
  >;
  texts: Record<string, string>;
}

type State = "lobby" | "connecting" | "live" | "reconnecting" | "elsewhere" | "over";

// The browser's clock of the call and the server's differ by the way between them.
const CLOCKS_DIFFER_MS = 3000;

/** There is a call, and this page has no line to it. */
const isAway = (state: State): boolean => state === "reconnecting" || state === "elsewhere";

export class Room {
  readonly #parts: Parts;
  readonly #lobby: Lobby;
  readonly #transcript: Transcript;
  readonly #score: ScoreCard;
  readonly #visualiser: Visualiser;
  readonly #notices: Notices;
  readonly #microphone: CallMicrophone;
  readonly #outbox: Outbox;
  readonly #ending: Ending;
  readonly #clock: CallClock;
  readonly #patience: Patience;
  #session: Voice | null = null;
  #direct: DirectTurns | null = null;
  #events: CallEvents | null = null;
  #controls: Controls | null = null;
  #state: State = "lobby";
  #provider = "";
  #entering = false;
  #turnByTurn = !streams();

  constructor(
    private readonly root: HTMLElement,
    private readonly data: RoomData,
  ) {
    this.#parts = new Parts(document);
    this.#lobby = new Lobby(this.#parts, data.texts);
    this.#score = new ScoreCard(this.#parts, data.texts, data.urls.score);
    const [list, scroller, guess, unsent] = (["turns", "scroller", "tentative", "unsent"] as const).map((name) =>
      this.#parts.get(name),
    );
    if (!list || !scroller || !guess || !unsent) throw new Error("unreachable: get() throws");
    const names = { user: this.#text("you"), assistant: data.buyer, interrupted: this.#text("interrupted") };
    this.#transcript = new Transcript(list, scroller, guess, unsent, names, data.language);
    const canvas = this.#parts.get<HTMLCanvasElement>("visualiser");
    this.#visualiser = new Visualiser(canvas, () => this.#session?.spectrum() ?? null);
    this.#notices = new Notices(this.#parts, data.texts, document.documentElement.lang);
    this.#outbox = new Outbox(data.callId, data.urls.transcript, (waiting) => this.#transcript.waiting(waiting));
    this.#ending = new Ending(this.#parts, data.texts, data.urls);
    this.#clock = new CallClock(this.#parts, data.timeLimitMs, () => this.#notices.note("timeLeft"));
    this.#patience = new Patience(
      () => this.root.dataset.mode ?? "",
      () => this.#mode("thinking"),
      () => this.#notices.note("slow"),
      () => this.#notices.noteGone("slow"),
    );
    const hooks = { onGone: () => this.#deafen(), onBack: (id: string) => this.#hearAgain(id) };
    this.#microphone = new CallMicrophone(this.#notices, hooks, (number) => this.#lobby.unnamed(number));
  }

  start(): void {
    this.#parts.get("start").addEventListener("click", () => void this.#enter());
    this.#parts.get("take-back").addEventListener("click", () => void this.#enter());
    this.#parts.get("mic-use").addEventListener("click", () => void this.#microphone.use(this.#notices.chosen));
    // A redo shows what was said before while it is still connecting; what is typed then waits in its field.
    this.#parts.get("type-form").addEventListener("submit", (event) => event.preventDefault());
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
      const answer = await this.#start(typeof consent === "boolean" ? { recording_consent: consent } : {});
      const microphone = await this.#lobby.handOver();
      if (microphone) this.#microphone.watch(microphone);
      this.#listen(answer.events_url);
      await this.#connect(answer, deviceId);
      this.#begin(pushToTalk || this.#turnByTurn);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #start(body: { recording_consent?: boolean }): Promise<StartAnswer> {
    const answer = (await this.#joinedByBrowser(body)) ?? (await postJson<StartAnswer>(this.data.urls.start, body));
    this.#provider = answer.provider;
    if (answer.transport === "direct" || answer.web_call_url)
      this.#direct ??= new DirectTurns(() => this.#clock.elapsedMs);
    else this.#direct = null;
    return answer;
  }

  /** The call by the voice service's own software; null where it goes another way, or has begun already. */
  async #joinedByBrowser(body: { recording_consent?: boolean }): Promise<StartAnswer | null> {
    if (!this.data.urls.webCall || this.#turnByTurn || this.#clock.started) return null;
    return postJson<StartAnswer>(this.data.urls.webCall, body).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 409) return null;
      throw error;
    });
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

  async #connect(answer: StartAnswer, inputDeviceId: string): Promise<void> {
    const way = {
      turnByTurn: this.#turnByTurn,
      speakUrl: this.data.urls.speak,
      textOnly: this.data.channel === "text",
      underway: this.data.underway,
      inputDeviceId,
      nextAddress: this.#direct ? async () => (await this.#start({})).signed_url ?? "" : null,
    };
    this.#session = voiceBy(way, answer, {
      onLine: (line) => this.#line(line),
      onOver: (why, reason) => void this.#closed(why, reason),
      onSpeaking: (speaking) => {
        if (speaking) this.#patience.spoken();
        this.#mode(speaking ? "speaking" : "listening");
      },
      onTentative: (text) => {
        if (text) this.#patience.spoken();
        this.#transcript.tentative(text);
      },
      onSaid: (said) => {
        if (!this.#direct) return;
        const turn = this.#direct.turn(said);
        // Cut off before a word of it was heard: the vendor's record has no such turn either.
        if (turn.content.trim()) this.#turn(turn);
        else this.#transcript.remove(turn.seq);
      },
      onTurn: (turn) => this.#turn(turn),
      onThinking: () => this.#mode("thinking"),
      onRemark: (text) => this.#notices.lineText(text),
    });
    await this.#session.open();
  }

  #begin(pushToTalk: boolean): void {
    this.#clock.run(this.data.elapsedMs);
    this.#controls ??= this.#makeControls(pushToTalk);
    this.#session?.setMuted(this.#controls.silenced);
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
        this.#patience.spoken();
        const line = this.#outbox.add(text, this.#clock.elapsedMs);
        if (this.#state === "live") this.#session?.say(line.text, line.id);
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
    this.#microphone.stop();
    this.#move(this.#clock.started ? "elsewhere" : "lobby");
    this.#problem(this.#explain(error));
    if (this.#state === "lobby") this.#parts.get("start-label").textContent = this.#text("tryAgain");
    if (this.data.channel === "voice" && this.#state === "lobby") void this.#lobby.check();
  }

  #explain(error: unknown): string {
    if (noWayThrough(error)) {
      // Requests reach the server and sockets do not: some networks are like that.
      this.#turnByTurn = this.data.channel === "voice";
      return this.#text("noStream");
    }
    if (refusedBecause(error) === NO_PROVIDER) return this.#text("noProvider");
    if (!(error instanceof ApiError)) return this.#text("startFailed");
    if (error.code === "network") return this.#text("offline");
    if (error.status === 429) return this.#text("wait").replace("%(seconds)s", String(error.retryAfter ?? 60));
    return error.body.message;
  }

  // -- what happens in it ----------------------------------------------------------------------------------------------
  #listen(url: string): void {
    this.#events?.close();
    if (!("WebSocket" in window)) return;
    this.#events = new CallEvents(url, (event) => this.#happened(event));
    this.#events.start();
  }

  #happened(event: CallEvent): void {
    if (event.type === "turn:added") {
      if (!this.#direct) this.#turn(event.data.turn as Turn);
    } else if (event.type === "presence") {
      this.#notices.observers((event.data.observers ?? []) as Observer[]);
    } else if (event.type === "call:ended") {
      void this.#over(String(event.data.ended_by ?? ""), String(event.data.reason ?? ""));
    }
    this.#score.take(event);
  }

  #turn(turn: Turn): void {
    this.#transcript.put(turn);
    this.#patience.spoken();
    if (turn.speaker) showSpeaker(this.root, turn.speaker);
    if (turn.role === "user") {
      this.#outbox.said(turn.content);
      this.#patience.answerDue();
    } else if (this.data.channel === "text") this.#mode("listening");
  }

  /** The microphone is gone in mid-call: the keyboard is there, and nothing else changes. */
  #deafen(): void {
    this.#session?.loseMicrophone();
    this.#controls?.offerTyping();
    this.#mode("listening");
  }

  async #hearAgain(deviceId: string): Promise<void> {
    await this.#session?.useMicrophone(deviceId);
    this.#session?.setMuted(this.#controls?.silenced ?? false);
    this.#notices.announce("micBack");
    this.#mode("listening");
  }

  /** Say what the server has not got: it was typed while the line was down, or sent into one that was dead. */
  async #sayWhatWaits(): Promise<void> {
    const [oldest] = this.#outbox.waiting;
    if (!oldest) return;
    const known = await getJson<{ turns: Turn[] }>(this.data.urls.transcript).catch(() => ({ turns: [] }));
    for (const turn of known.turns) {
      if (turn.role === "user" && turn.timestamp_ms > oldest.at_ms - CLOCKS_DIFFER_MS) this.#outbox.said(turn.content);
    }
    if (this.#state !== "live") return;
    for (const line of this.#outbox.waiting) this.#session?.say(line.text, line.id);
  }

  /** Another voice service may have answered than the one that was asked. */
  async #lookWhoSpeaks(): Promise<void> {
    const call = await getJson<{ provider: string }>(this.data.urls.call).catch(() => null);
    if (!call || call.provider === this.#provider) return;
    this.#provider = call.provider;
    this.#notices.note("switched");
  }

  #line(line: "connected" | "reconnecting"): void {
    if (this.#state === "over") return;
    const back = line === "connected" && this.#state === "reconnecting";
    this.#move(line === "connected" ? "live" : "reconnecting");
    if (line === "reconnecting") {
      this.#notices.line("reconnecting", { busy: true });
      return;
    }
    this.#notices.lineGone();
    if (back) this.#notices.announce("reconnected");
    this.#mode("listening");
    if (!back && this.#buyerOpens) this.#patience.openingDue();
    void this.#sayWhatWaits();
    void this.#lookWhoSpeaks();
  }

  /** In a call that begins from nothing. One that is taken up again, or goes on from another's words, waits for nobody. */
  get #buyerOpens(): boolean {
    return this.data.channel === "voice" && this.data.elapsedMs === 0 && !this.#clock.started;
  }

  async #closed(why: Over, reason: string): Promise<void> {
    if (why === "elsewhere") {
      this.#move("elsewhere");
      this.#stop();
      this.#notices.line("elsewhere", { takeBack: true });
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
    this.#ending.because(endedBy, reason);
    if (this.#state === "over") return;
    this.#move("over");
    this.#stop();
    this.#controls?.stop();
    this.#parts.get("over-title").focus();
    const ended = this.#ending.hangUp(reason === LOST);
    this.#ending.openAfter(ended, this.#parts.get<HTMLAnchorElement>("debrief"));
    this.#score.start(await ended);
    await this.#ending.hand(this.#outbox);
    await this.#session?.hangUp();
  }

  // -- what is shown ---------------------------------------------------------------------------------------------------
  #move(state: State): void {
    this.#state = state;
    this.root.dataset.state = state;
    if (state === "over") this.#outbox.letGo();
    const shown = state === "lobby" ? "lobby" : state === "over" ? "over" : "live";
    for (const part of ["lobby", "live", "over"]) this.#parts.get(part).hidden = part !== shown;
    this.#parts.get("problem").hidden = true;
    if (state === "connecting") this.#parts.get("line").hidden = true;
    if (isAway(state)) this.#mode("away");
    // Nothing can be ended or muted before somebody answers; "Leave" is there.
    this.#parts.get<HTMLFieldSetElement>("controls").disabled = state === "connecting";
    // Here nobody speaks any more; "Continue here" brings them back.
    this.#parts.get("desk").hidden = state === "elsewhere";
    if (state !== "live" && state !== "reconnecting") this.#parts.get("leave").hidden = false;
  }

  #mode(asked: "connecting" | "listening" | "speaking" | "thinking" | "away"): void {
    // The client's software says "listening" before there is anybody who could listen, and after the line has gone.
    const mode = this.#state === "connecting" ? "connecting" : isAway(this.#state) ? "away" : asked;
    this.#patience.shows(mode);
    this.root.dataset.mode = mode;
    let key: string = mode;
    if (mode === "listening" && this.#microphone.gone) key = "noMicrophone";
    else if (mode === "listening" && this.#controls?.muted) key = "muted";
    else if (mode === "listening" && this.#controls?.silenced) key = "holdToTalk";
    // The notice above says why there is no line.
    this.#parts.get("mode").textContent = mode === "away" ? "\u00a0" : this.#text(key);
  }

  #stop(): void {
    this.#clock.stop();
    this.#microphone.stop();
    this.#patience.over();
    this.#visualiser.stop();
  }

  #problem(text: string): void {
    if (this.#state !== "lobby") {
      this.#notices.lineText(text, { takeBack: this.#state === "elsewhere" });
      return;
    }
    this.#parts.get("problem").hidden = false;
    this.#parts.get("problem-text").textContent = text;
  }

  #text(key: string): string {
    return this.data.texts[key] ?? "";
  }
}
