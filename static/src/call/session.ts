/**
 * The voice of a call over `@elevenlabs/client`, with what that client leaves to us: coming back after a lost line.
 *
 * The server keeps a call for a while after its socket was lost and takes it up again on the same address; the newest
 * socket wins. Closing with 1000 means to hang up, so a socket that only looks dead is left alone until another took over.
 */

import libsamplerate from "@alexanderolsen/libsamplerate-js/dist/libsamplerate.worklet.js?url";
import {
  Conversation,
  type DisconnectionDetails,
  type PartialOptions,
  SessionConnectionError,
} from "@elevenlabs/client";
import audioConcatProcessor from "@elevenlabs/client/worklets/audioConcatProcessor.js?url";
import rawAudioProcessor from "@elevenlabs/client/worklets/rawAudioProcessor.js?url";
import { LOST } from "./ending";

type Talk = Awaited<ReturnType<typeof Conversation.startSession>>;

/** Why the line is closed for good: `ended` by either side, open `elsewhere`, or it did not come back (`lost`). */
export type Over = "ended" | "elsewhere" | "lost";

export interface SessionHooks {
  onLine: (line: "connected" | "reconnecting") => void;
  onOver: (why: Over, reason: string) => void;
  onSpeaking: (speaking: boolean) => void;
  onTentative: (text: string) => void;
  /** Words as the voice service tells them: a direct call has no other witness while it lasts. */
  onSaid: (said: Said) => void;
}

export interface Said {
  role: "user" | "assistant";
  eventId: number;
  text: string;
  /** The buyer was cut off, and these are the words that were heard of what this event said before. */
  corrected: boolean;
}

export interface SessionOptions {
  signedUrl: string;
  textOnly: boolean;
  inputDeviceId: string;
  /** Where to dial after a lost line; null: on the same address, which our own server takes up again. */
  nextAddress: (() => Promise<string>) | null;
  /** What a voice service that we go straight to is to note of this call. */
  variables: Record<string, string>;
}

/** What a room needs of the way in which a call is spoken. */
export interface Voice {
  open(): Promise<void>;
  setMuted(muted: boolean): void;
  say(text: string, id: string): void;
  typing(): void;
  spectrum(): Uint8Array | null;
  loseMicrophone(): void;
  useMicrophone(deviceId: string): Promise<void>;
  hangUp(): Promise<void>;
}

interface Incoming {
  type: string;
  tentative_user_transcription_event?: { user_transcript: string };
  user_transcription_event?: { user_transcript: string; event_id?: number };
  agent_response_event?: { agent_response: string; event_id?: number };
  agent_response_correction_event?: { corrected_agent_response: string; event_id?: number };
}

const RESUME_WITHIN_MS = 30_000;
const WAITS_MS = [200, 500, 1000, 2000, 3000];
// The server pings every two seconds.
const SILENT_LINE_MS = 9000;
const TAKEN_OVER = 4409;
const REFUSED = 1008;
export const NO_PROVIDER = "provider_unavailable";
// Without a microphone one has to type, which takes a while; the buyer must not take that for silence, for so long.
const STIR_EVERY_MS = 4000;
const STIR_FOR_MS = 90_000;

/** The server's word for why a first connection was refused; empty when it said none. */
export function refusedBecause(error: unknown): string {
  return error instanceof SessionConnectionError ? (error.closeReason ?? "") : "";
}

/** The socket did not even open. */
export function noWayThrough(error: unknown): boolean {
  return error instanceof SessionConnectionError && error.closeCode === 1006;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

export class CallSession implements Voice {
  #talk: Talk | null = null;
  #address: string;
  #dial = 0;
  #over = false;
  #muted = false;
  #reconnecting = false;
  #lastHeard = 0;
  #watch = 0;
  #microphone: string;
  #deaf = false;
  #stirring = 0;

  constructor(
    private readonly options: SessionOptions,
    private readonly hooks: SessionHooks,
  ) {
    this.#microphone = options.inputDeviceId;
    this.#address = options.signedUrl;
  }

  /** Throws when the first connection fails. */
  async open(): Promise<void> {
    this.#talk = await this.#connect();
    this.#watch = window.setInterval(() => this.#checkLine(), 1000);
    window.addEventListener("offline", this.#checkLine);
    this.hooks.onLine("connected");
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (this.#talk?.type === "voice") this.#talk.setMicMuted(muted);
  }

  /** The same `id` twice is the same line, said once. */
  say(text: string, id: string): void {
    this.#talk?.sendUserMessage(text, { richContentId: id });
  }

  /** The microphone is gone: the call goes on by text, also after a lost line. */
  loseMicrophone(): void {
    this.#deaf = true;
    const until = performance.now() + STIR_FOR_MS;
    this.typing();
    this.#stirring = window.setInterval(() => {
      if (performance.now() > until) window.clearInterval(this.#stirring);
      else this.typing();
    }, STIR_EVERY_MS);
  }

  /** Speak by this microphone from now on. Throws when it cannot be opened. */
  async useMicrophone(deviceId: string): Promise<void> {
    this.#microphone = deviceId;
    this.#deaf = false;
    window.clearInterval(this.#stirring);
    const talk = this.#talk;
    if (talk?.type === "voice") {
      await talk.changeInputDevice({ inputDeviceId: deviceId });
    } else if (talk && !this.#reconnecting) {
      // The line came back while there was no microphone, so it carries text only.
      if (this.options.nextAddress) this.#address = await this.options.nextAddress();
      this.#talk = await this.#connect();
      await talk.endSession();
    }
  }

  typing(): void {
    this.#talk?.sendUserActivity();
  }

  /** Byte frequencies of the buyer's voice. */
  spectrum(): Uint8Array | null {
    return this.#talk?.type === "voice" ? this.#talk.getOutputByteFrequencyData() : null;
  }

  /** Give up the microphone and the socket. The server has closed the call, or does so on this. */
  async hangUp(): Promise<void> {
    this.#finish();
    await this.#talk?.endSession();
  }

  async #connect(): Promise<Talk> {
    const dial = ++this.#dial;
    const current = () => dial === this.#dial && !this.#over;
    const options: PartialOptions = {
      signedUrl: this.#address,
      connectionType: "websocket",
      textOnly: this.options.textOnly || this.#deaf,
      dynamicVariables: this.options.variables,
      workletPaths: { audioConcatProcessor, rawAudioProcessor },
      libsampleratePath: libsamplerate,
      ...(this.#microphone ? { inputDeviceId: this.#microphone } : {}),
      onDisconnect: (details) => {
        if (current()) this.#disconnected(details);
      },
      onModeChange: ({ mode }) => {
        if (current()) this.hooks.onSpeaking(mode === "speaking");
      },
      onIncomingEvent: (event: Incoming) => {
        if (current()) this.#heard(event);
      },
    };
    this.#lastHeard = performance.now();
    const talk = await Conversation.startSession(options);
    if (talk.type === "voice") talk.setMicMuted(this.#muted);
    this.#lastHeard = performance.now();
    return talk;
  }

  #heard(event: Incoming): void {
    this.#lastHeard = performance.now();
    const guess = event.tentative_user_transcription_event;
    if (guess) this.hooks.onTentative(guess.user_transcript);
    const [user, agent, cut] = [
      event.user_transcription_event,
      event.agent_response_event,
      event.agent_response_correction_event,
    ];
    const told = (role: Said["role"], text: string, eventId: number | undefined, corrected = false) =>
      this.hooks.onSaid({ role, text, eventId: eventId ?? 0, corrected });
    if (user) told("user", user.user_transcript, user.event_id);
    if (agent) told("assistant", agent.agent_response, agent.event_id);
    if (cut) told("assistant", cut.corrected_agent_response, cut.event_id, true);
  }

  #disconnected(details: DisconnectionDetails): void {
    const code = details.reason === "user" ? 1000 : details.closeCode;
    const reason = details.reason === "user" ? "" : (details.closeReason ?? "");
    if (details.reason !== "error" || code === 1000) this.#end("ended", reason);
    else if (code === TAKEN_OVER) this.#end("elsewhere", reason);
    else if (code === REFUSED) this.#end("ended", reason);
    else void this.#comeBack();
  }

  /** A line on which nothing came for a while is dead, even where the browser has not noticed. */
  #checkLine = (): void => {
    const silent = performance.now() - this.#lastHeard > SILENT_LINE_MS;
    if (!this.#over && !this.#reconnecting && (silent || !navigator.onLine)) void this.#comeBack();
  };

  async #comeBack(): Promise<void> {
    if (this.#reconnecting || this.#over) return;
    this.#reconnecting = true;
    this.hooks.onLine("reconnecting");
    const dead = this.#talk;
    const until = performance.now() + RESUME_WITHIN_MS;
    for (let attempt = 0; performance.now() < until && !this.#over; attempt++) {
      await pause(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 3000);
      try {
        if (this.options.nextAddress) this.#address = await this.options.nextAddress();
        this.#talk = await this.#connect();
      } catch (error) {
        if (error instanceof SessionConnectionError && error.closeCode === REFUSED) {
          this.#end("ended", error.closeReason ?? "");
          return;
        }
        continue;
      }
      this.#reconnecting = false;
      await dead?.endSession();
      if (this.#over) {
        await this.#talk.endSession();
        return;
      }
      this.hooks.onLine("connected");
      return;
    }
    if (!this.#over) this.#end("lost", LOST);
  }

  #end(why: Over, reason: string): void {
    if (this.#over) return;
    this.#finish();
    this.hooks.onOver(why, reason);
  }

  #finish(): void {
    this.#over = true;
    window.clearInterval(this.#watch);
    window.clearInterval(this.#stirring);
    window.removeEventListener("offline", this.#checkLine);
  }
}
