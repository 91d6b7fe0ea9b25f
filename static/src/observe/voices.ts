/** Plays both sides of a call as they come in batches: one lane each, and nothing of the buyer after the trainee cut in. */

const HEADER_BYTES = 8;
const CUT = 2;
/** Batches come unevenly; what is heard this much later is heard without gaps. */
const AHEAD_S = 0.25;

/** "both": a voice service that holds the call itself may mix them. */
export type Side = "trainee" | "buyer" | "both";
const SIDES: Record<number, Side> = { 0: "trainee", 1: "buyer", 3: "both" };

export class Voices {
  readonly #context = new AudioContext();
  readonly #gain = this.#context.createGain();
  readonly #next = { trainee: 0, buyer: 0, both: 0 };
  readonly #playing = new Set<AudioBufferSourceNode>();

  /** `onLevel`: how loud (0–1) a side is for the next moment. */
  constructor(private readonly onLevel: (side: Side, level: number, ms: number) => void) {
    this.#gain.connect(this.#context.destination);
  }

  /** May sound be played, or does the browser want a click first? */
  get silenced(): boolean {
    return this.#context.state === "suspended";
  }

  async allow(): Promise<void> {
    await this.#context.resume();
  }

  mute(muted: boolean): void {
    this.#gain.gain.value = muted ? 0 : 1;
  }

  /** Whose voice, its rate, then 16-bit PCM: see the server's `calls/voice/listening.py`. */
  play(frame: ArrayBuffer): void {
    const header = new DataView(frame);
    const whose = header.getUint8(0);
    if (whose === CUT) {
      this.#cut();
      return;
    }
    const side = SIDES[whose];
    if (!side || frame.byteLength <= HEADER_BYTES) return;
    const pcm = new Int16Array(frame, HEADER_BYTES, (frame.byteLength - HEADER_BYTES) >> 1);
    const buffer = this.#context.createBuffer(1, pcm.length, header.getUint32(4, true));
    const samples = buffer.getChannelData(0);
    let energy = 0;
    for (let index = 0; index < pcm.length; index++) {
      const sample = (pcm[index] ?? 0) / 32768;
      samples[index] = sample;
      energy += sample * sample;
    }
    this.#schedule(side, buffer);
    this.onLevel(side, Math.min(1, Math.sqrt(energy / pcm.length) * 4), buffer.duration * 1000);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  #schedule(side: Side, buffer: AudioBuffer): void {
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    const now = this.#context.currentTime;
    // A lane that ran dry starts anew a little later; one that runs on is laid end to end.
    const at = this.#next[side] > now ? this.#next[side] : now + AHEAD_S;
    this.#next[side] = at + buffer.duration;
    source.start(at);
    if (side === "buyer") {
      this.#playing.add(source);
      source.addEventListener("ended", () => this.#playing.delete(source));
    }
  }

  #cut(): void {
    for (const source of this.#playing) source.stop();
    this.#playing.clear();
    this.#next.buyer = 0;
  }
}
