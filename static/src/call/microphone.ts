/** The microphone of a running call: it may go, and another may come, without the call being lost. */
import { type ListedMicrophone, MicUnavailable, remedyKey } from "./devices";
import type { Notices } from "./notices";
import { MicrophoneWatch } from "./watch";

export interface MicrophoneHooks {
  onGone: () => void;
  /** Speak by this one from now on. May throw. */
  onBack: (deviceId: string) => Promise<void>;
}

export class CallMicrophone {
  readonly #watch: MicrophoneWatch;
  #opening = false;

  constructor(
    private readonly notices: Notices,
    private readonly hooks: MicrophoneHooks,
    unnamed: (number: number) => string,
  ) {
    this.#watch = new MicrophoneWatch(unnamed, {
      onGone: () => {
        notices.microphoneGone();
        hooks.onGone();
      },
      onChoice: (microphones) => this.#offer(microphones),
    });
  }

  get gone(): boolean {
    return this.#watch.gone;
  }

  watch(stream: MediaStream): void {
    this.#watch.take(stream);
  }

  /** Take the chosen one; the trainee asked for it. */
  async use(deviceId: string): Promise<void> {
    if (this.#opening || !this.gone) return;
    this.#opening = true;
    try {
      await this.#watch.switchTo(deviceId);
      await this.hooks.onBack(deviceId);
      this.notices.microphoneBack();
    } catch (error) {
      this.notices.microphoneRefused(remedyKey(error instanceof MicUnavailable ? error.problem : "unknown"));
    } finally {
      this.#opening = false;
    }
  }

  stop(): void {
    this.#watch.stop();
    this.notices.microphoneBack();
  }

  /** The very one that was lost is taken again by itself: somebody has plugged it in. */
  #offer(microphones: ListedMicrophone[]): void {
    this.notices.choice(microphones);
    const same = microphones.find(({ id }) => id === this.#watch.deviceId);
    if (same) void this.use(same.id);
  }
}
