/** Notices within a moment that the microphone of a running call has gone: unplugged, switched off, taken away. */
import { type ListedMicrophone, listMicrophones, openMicrophone, stopStream } from "./devices";

export interface WatchHooks {
  onGone: () => void;
  /** The list changed while there is no microphone. */
  onChoice: (microphones: ListedMicrophone[]) => void;
}

/**
 * Holds a stream of its own on the call's microphone: the voice client does not show its track, and a track that ends is
 * the one sign of an unplugged device that every browser gives.
 */
export class MicrophoneWatch {
  #stream: MediaStream | null = null;
  #deviceId = "";
  #gone = false;
  #running = false;

  constructor(
    private readonly unnamed: (number: number) => string,
    private readonly hooks: WatchHooks,
  ) {}

  get gone(): boolean {
    return this.#gone;
  }

  /** The device that was lost, to recognise it when it is plugged in again. */
  get deviceId(): string {
    return this.#deviceId;
  }

  /** Watch this stream from now on; it is ours to stop. */
  take(stream: MediaStream): void {
    stopStream(this.#stream);
    this.#stream = stream;
    this.#gone = false;
    const [track] = stream.getAudioTracks();
    this.#deviceId = track?.getSettings().deviceId ?? "";
    track?.addEventListener("ended", () => {
      if (stream === this.#stream) this.#lose();
    });
    if (!this.#running) navigator.mediaDevices.addEventListener("devicechange", this.#changed);
    this.#running = true;
  }

  /** Open another microphone and watch that one. Throws `MicUnavailable`. */
  async switchTo(deviceId: string): Promise<void> {
    this.take(await openMicrophone(deviceId));
  }

  async microphones(): Promise<ListedMicrophone[]> {
    return listMicrophones(this.unnamed);
  }

  stop(): void {
    if (this.#running) navigator.mediaDevices.removeEventListener("devicechange", this.#changed);
    this.#running = false;
    stopStream(this.#stream);
    this.#stream = null;
  }

  #changed = async (): Promise<void> => {
    const microphones = await this.microphones();
    if (!this.#running) return;
    const [track] = this.#stream?.getAudioTracks() ?? [];
    const listed = !this.#deviceId || microphones.some(({ id }) => id === this.#deviceId);
    if (!this.#gone && (track?.readyState === "ended" || !listed)) this.#lose();
    else if (this.#gone) this.hooks.onChoice(microphones);
  };

  #lose(): void {
    if (this.#gone || !this.#running) return;
    this.#gone = true;
    stopStream(this.#stream);
    this.hooks.onGone();
    void this.microphones().then((microphones) => {
      if (this.#gone && this.#running) this.hooks.onChoice(microphones);
    });
  }
}
