/** How loud a microphone is, for the check before a call. */

const HEARD_LEVEL = 0.12;
const SILENT_AFTER_MS = 6000;
// Whoever speaks pauses; a room that is this loud even in the quietest fifth of three seconds is noisy.
const NOISY_LEVEL = 0.4;
const NOISE_SAMPLES = 60;
const NOISE_EVERY_MS = 50;

export type Hearing = "waiting" | "heard" | "silent";

/** RMS of samples in −1…1 as a level 0…1 on a scale that suits ears: −55 dB and less is 0, −10 dB and more is 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const decibel = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (decibel + 55) / 45));
}

export class LevelMeter {
  #context: AudioContext | null = null;
  #frame = 0;
  #hearing: Hearing = "waiting";
  #levels: number[] = [];
  #noisy = false;

  constructor(
    private readonly onLevel: (level: number) => void,
    private readonly onHearing: (hearing: Hearing) => void,
    private readonly onNoise: (noisy: boolean) => void,
  ) {}

  async start(stream: MediaStream): Promise<void> {
    await this.stop();
    const context = new AudioContext();
    this.#context = context;
    // A context that began without a click waits for one; the click that allowed the microphone is long enough ago.
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const startedAt = performance.now();
    let sampledAt = startedAt;
    this.#levels = [];
    this.#tell("waiting");
    const measure = () => {
      if (this.#context !== context) return;
      analyser.getFloatTimeDomainData(samples);
      const level = loudness(samples);
      this.onLevel(level);
      if (performance.now() - sampledAt >= NOISE_EVERY_MS) {
        sampledAt = performance.now();
        this.#listenForNoise(level);
      }
      if (level > HEARD_LEVEL) this.#tell("heard");
      else if (this.#hearing === "waiting" && performance.now() - startedAt > SILENT_AFTER_MS) this.#tell("silent");
      this.#frame = requestAnimationFrame(measure);
    };
    measure();
  }

  async stop(): Promise<void> {
    cancelAnimationFrame(this.#frame);
    const context = this.#context;
    this.#context = null;
    await context?.close();
  }

  #listenForNoise(level: number): void {
    this.#levels.push(level);
    if (this.#levels.length < NOISE_SAMPLES) return;
    this.#levels = this.#levels.slice(-NOISE_SAMPLES);
    const quietest = [...this.#levels].sort((a, b) => a - b)[Math.floor(NOISE_SAMPLES / 5)] ?? 0;
    const noisy = quietest > NOISY_LEVEL;
    if (noisy !== this.#noisy) this.onNoise(noisy);
    this.#noisy = noisy;
  }

  #tell(hearing: Hearing): void {
    if (hearing === this.#hearing && hearing !== "waiting") return;
    this.#hearing = hearing;
    this.onHearing(hearing);
  }
}
