/** Before the call: which microphone, does it work, is anything in its way, may the call be recorded. */
import { hearsItself, type Latency, measureLatency } from "./checks";
import {
  listMicrophones,
  MicUnavailable,
  microphonePermission,
  openMicrophone,
  remedyKey,
  stopStream,
} from "./devices";
import { type Hearing, LevelMeter } from "./meter";
import type { Parts } from "./parts";

const STATUS: Record<Hearing, string> = { waiting: "micQuiet", heard: "micReady", silent: "micSilent" };
const LATENCY: Record<Latency, string> = { good: "latencyGood", fair: "latencyFair", poor: "latencyPoor" };
const CHOSEN = "parley.microphone";

export class Lobby {
  #stream: MediaStream | null = null;
  readonly #meter: LevelMeter;

  constructor(
    private readonly parts: Parts,
    private readonly texts: Record<string, string>,
  ) {
    this.#meter = new LevelMeter(
      (level) => this.#showLevel(level),
      (hearing) => this.#say(STATUS[hearing]),
      (noisy) => {
        this.parts.get("mic-noisy").hidden = !noisy;
      },
    );
  }

  /** Measures at once where permission was given before; asks only on a click. */
  async start(): Promise<void> {
    this.parts.find("allow")?.addEventListener("click", () => void this.check());
    this.parts.find("echo-test")?.addEventListener("click", () => void this.#testEcho());
    if (this.parts.find("latency")) void this.#testLatency();
    this.parts.find("microphones")?.addEventListener("change", () => {
      localStorage.setItem(CHOSEN, this.deviceId);
      void this.check();
    });
    if (this.parts.find("device-check") && (await microphonePermission()) === "granted") await this.check();
  }

  /** Open the chosen microphone and show how loud it is; says what to do when that fails. Returns whether it worked. */
  async check(): Promise<boolean> {
    stopStream(this.#stream);
    let stream: MediaStream;
    try {
      stream = this.#stream = await this.#open();
    } catch (error) {
      this.#stream = null;
      this.#say(remedyKey(error instanceof MicUnavailable ? error.problem : "unknown"), true);
      return false;
    }
    this.parts.get("allow").hidden = true;
    this.parts.get("mic").hidden = false;
    await this.#list();
    // Whoever starts the call meanwhile has the stream already.
    if (this.#stream === stream) await this.#meter.start(stream);
    return true;
  }

  /** The check is over; its stream goes to whom it may concern, who stops it. */
  async handOver(): Promise<MediaStream | null> {
    const stream = this.#stream;
    this.#stream = null;
    await this.#meter.stop();
    return stream;
  }

  get listening(): boolean {
    return this.#stream !== null;
  }

  get deviceId(): string {
    return this.parts.find<HTMLSelectElement>("microphones")?.value ?? "";
  }

  get pushToTalk(): boolean {
    return this.parts.find<HTMLInputElement>("push-to-talk")?.checked ?? false;
  }

  /** True or false as answered; null while it is asked and not answered; undefined where it is not asked. */
  get consent(): boolean | null | undefined {
    if (!this.parts.find("consent")) return undefined;
    const answer = document.querySelector<HTMLInputElement>("input[name=consent]:checked")?.value;
    return answer === undefined ? null : answer === "yes";
  }

  /** "Microphone 2", where the browser tells no name. */
  unnamed(number: number): string {
    return (this.texts.defaultMicrophone ?? "").replace("%(number)s", String(number));
  }

  async #testEcho(): Promise<void> {
    const stream = this.#stream;
    const button = this.parts.get<HTMLButtonElement>("echo-test");
    if (!stream || button.disabled) return;
    button.disabled = true;
    const result = this.parts.get("echo-result");
    result.textContent = this.texts.echoTesting ?? "";
    try {
      const heard = await hearsItself(stream);
      result.dataset.echo = heard ? "heard" : "none";
      result.textContent = this.texts[heard ? "echoHeard" : "echoNone"] ?? "";
    } finally {
      button.disabled = false;
    }
  }

  async #testLatency(): Promise<void> {
    const latency = await measureLatency(window.location.href);
    const status = this.parts.get("latency");
    status.dataset.latency = latency;
    status.textContent = this.texts[LATENCY[latency]] ?? "";
  }

  async #open(): Promise<MediaStream> {
    const wanted = this.deviceId || localStorage.getItem(CHOSEN) || "";
    try {
      return await openMicrophone(wanted);
    } catch (error) {
      // The one used last time is gone: any other is better than none.
      if (wanted && error instanceof MicUnavailable && error.problem === "missing") return openMicrophone("");
      throw error;
    }
  }

  async #list(): Promise<void> {
    const select = this.parts.get<HTMLSelectElement>("microphones");
    const current = this.#stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
    const microphones = await listMicrophones((number) => this.unnamed(number));
    select.replaceChildren(
      ...microphones.map(({ id, label }) => new Option(label, id, id === current, id === current)),
    );
  }

  #showLevel(level: number): void {
    this.parts.get("meter-fill").style.setProperty("--level", level.toFixed(3));
    this.parts.get("meter").setAttribute("aria-valuenow", String(Math.round(level * 100)));
  }

  #say(key: string | undefined, wrong = false): void {
    const status = this.parts.get("mic-status");
    status.textContent = this.texts[key ?? ""] ?? "";
    status.classList.toggle("text-error", wrong || key === "micSilent");
    status.dataset.mic = key ?? "";
  }
}
