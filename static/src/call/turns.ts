/**
 * A call turn by turn, for browsers and networks that carry no live sound: hold to record, let go to send, listen.
 *
 * What is recorded goes up as one file, the buyer's answer comes back as one. `setMuted(false)` begins a recording and
 * `setMuted(true)` ends it, so push to talk is all that the room needs for it.
 */
import { ApiError, api, postJson } from "../api";
import { LOST } from "./ending";
import type { SessionHooks, Voice } from "./session";
import type { Turn } from "./transcript";

const SHORTEST_MS = 300;
const TYPES = ["audio/webm", "audio/mp4", "audio/ogg"];
const AGAIN_AFTER_MS = [500, 1000, 2000, 4000, 8000, 14_000];

export interface TurnHooks extends Omit<SessionHooks, "onSaid" | "onTentative"> {
  onTurn: (turn: Turn) => void;
  onThinking: () => void;
  /** The server could not use what it was sent, and says why. */
  onRemark: (text: string) => void;
}

interface Answer {
  opening_turn: Turn | null;
  user_turn: Turn | null;
  assistant_turn: Turn;
  next_turn: Turn | null;
  audio: { content_type: string; base64: string } | null;
  hang_up: { reason: string } | null;
}

/** Can this browser stream sound both ways? */
export function streams(): boolean {
  return "WebSocket" in window && "AudioWorkletNode" in window;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

export class TurnSession implements Voice {
  #stream: MediaStream | null = null;
  #recorder: MediaRecorder | null = null;
  #player: HTMLAudioElement | null = null;
  #queue: Promise<void> = Promise.resolve();
  #over = false;

  constructor(
    private readonly url: string,
    private readonly options: { inputDeviceId: string; underway: boolean },
    private readonly hooks: TurnHooks,
  ) {}

  async open(): Promise<void> {
    await this.useMicrophone(this.options.inputDeviceId);
    this.hooks.onLine("connected");
    if (!this.options.underway) this.#send({}, crypto.randomUUID());
  }

  setMuted(muted: boolean): void {
    if (muted) this.#recorder?.stop();
    else this.#record();
  }

  say(text: string, id: string): void {
    this.#send({ text }, id);
  }

  typing(): void {
    // Nobody waits: the buyer speaks when asked.
  }

  spectrum(): null {
    return null;
  }

  loseMicrophone(): void {
    this.#recorder = null;
  }

  async useMicrophone(deviceId: string): Promise<void> {
    this.#stop();
    const audio = deviceId ? { deviceId: { exact: deviceId } } : true;
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
  }

  async hangUp(): Promise<void> {
    this.#over = true;
    this.#player?.pause();
    this.#stop();
  }

  #stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  #record(): void {
    if (!this.#stream || this.#recorder || this.#over) return;
    this.#player?.pause();
    this.hooks.onSpeaking(false);
    const type = TYPES.find((known) => MediaRecorder.isTypeSupported(known));
    const recorder = new MediaRecorder(this.#stream, type ? { mimeType: type } : {});
    const pieces: Blob[] = [];
    const began = performance.now();
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    recorder.addEventListener("stop", () => {
      this.#recorder = null;
      if (this.#over || performance.now() - began < SHORTEST_MS) return;
      const form = new FormData();
      form.append("audio", new Blob(pieces, { type: recorder.mimeType }), "turn");
      this.#send(form, crypto.randomUUID());
    });
    this.#recorder = recorder;
    recorder.start();
  }

  /** One turn after the other, each once: a request that is repeated has the same key. */
  #send(body: FormData | object, key: string): void {
    this.#queue = this.#queue.then(() => this.#turn(body, key));
  }

  async #turn(body: FormData | object, key: string): Promise<void> {
    if (this.#over) return;
    this.hooks.onThinking();
    const answer = await this.#ask(body, key);
    if (!answer || this.#over) return;
    for (const turn of [answer.opening_turn, answer.user_turn, answer.assistant_turn, answer.next_turn]) {
      if (turn) this.hooks.onTurn(turn);
    }
    if (answer.audio) await this.#play(answer.audio);
    if (answer.hang_up) this.#end(answer.hang_up.reason);
  }

  /** Null when the server could not use it; the trainee is told why. */
  async #ask(body: FormData | object, key: string): Promise<Answer | null> {
    for (let attempt = 0; !this.#over; attempt++) {
      try {
        const answer = await (body instanceof FormData
          ? api<Answer>("POST", this.url, { body, idempotencyKey: key })
          : postJson<Answer>(this.url, body, { idempotencyKey: key }));
        if (attempt > 0) this.hooks.onLine("connected");
        return answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const wait = AGAIN_AFTER_MS[attempt];
        if (error.status !== 0 && error.status < 500) {
          this.hooks.onSpeaking(false);
          this.hooks.onRemark(error.body.message);
          return null;
        }
        if (wait === undefined) {
          this.#over = true;
          this.hooks.onOver("lost", LOST);
          return null;
        }
        this.hooks.onLine("reconnecting");
        await pause(wait);
      }
    }
    return null;
  }

  async #play(clip: { content_type: string; base64: string }): Promise<void> {
    const player = new Audio(`data:${clip.content_type};base64,${clip.base64}`);
    this.#player = player;
    this.hooks.onSpeaking(true);
    await new Promise<void>((resolve) => {
      // Ended, or cut short by the next recording.
      for (const event of ["ended", "pause", "error"]) player.addEventListener(event, () => resolve(), { once: true });
      player.play().catch(() => resolve());
    });
    this.hooks.onSpeaking(false);
  }

  #end(reason: string): void {
    this.#over = true;
    this.hooks.onOver("ended", reason);
  }
}
