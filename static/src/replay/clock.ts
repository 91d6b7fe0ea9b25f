/** What a replay runs by: the recording where there is one, else a silent clock. Times are milliseconds of the call. */

export interface Clock {
  readonly playing: boolean;
  now(): number;
  play(): Promise<void>;
  pause(): void;
  seek(ms: number): void;
  setRate(rate: number): void;
}

export class SilentClock implements Clock {
  #from = 0;
  #since: number | null = null;
  #rate = 1;

  constructor(private readonly length: number) {}

  get playing(): boolean {
    return this.#since !== null && this.now() < this.length;
  }

  now(): number {
    const passed = this.#since === null ? 0 : (performance.now() - this.#since) * this.#rate;
    return Math.min(this.length, this.#from + passed);
  }

  async play(): Promise<void> {
    this.#from = this.now();
    this.#since = performance.now();
  }

  pause(): void {
    this.#from = this.now();
    this.#since = null;
  }

  seek(ms: number): void {
    this.#from = ms;
    if (this.#since !== null) this.#since = performance.now();
  }

  setRate(rate: number): void {
    this.seek(this.now());
    this.#rate = rate;
  }
}

/** The recording begins with the call and may end a little before it, so that its last silence is played by the clock. */
export class AudioClock implements Clock {
  #rest: SilentClock;
  #resting = false;

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly length: number,
  ) {
    this.#rest = new SilentClock(length);
    audio.addEventListener("ended", () => this.#goOn());
  }

  get playing(): boolean {
    return this.#resting ? this.#rest.playing : !this.audio.paused && !this.audio.ended;
  }

  now(): number {
    return this.#resting ? this.#rest.now() : Math.min(this.length, this.audio.currentTime * 1000);
  }

  async play(): Promise<void> {
    if (this.#resting) await this.#rest.play();
    else await this.audio.play();
  }

  pause(): void {
    this.#rest.pause();
    this.audio.pause();
  }

  seek(ms: number): void {
    const playing = this.playing;
    const end = Number.isFinite(this.audio.duration) ? this.audio.duration * 1000 : this.length;
    this.pause();
    this.#resting = ms >= end;
    if (this.#resting) this.#rest.seek(ms);
    else this.audio.currentTime = ms / 1000;
    if (playing) void this.play();
  }

  setRate(rate: number): void {
    this.audio.playbackRate = rate;
    this.#rest.setRate(rate);
  }

  #goOn(): void {
    this.#rest.pause();
    this.#rest.seek(this.audio.currentTime * 1000);
    this.#resting = true;
    void this.#rest.play();
  }
}
