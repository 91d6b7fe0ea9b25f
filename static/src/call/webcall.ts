/**
 * A call that the browser joins by Vapi's own software (WebRTC), at an address for which our server made the call.
 *
 * The software's way of making calls is not used: there the browser says who the buyer is. A line that is lost is brought back
 * by the software itself; when it gives up, the call is over, and what was said is on the service's record.
 */
import type { Said, SessionHooks, Voice } from "./session";

export interface WebCallOptions {
  url: string;
  inputDeviceId: string;
}

/** What the service sends to the browser, as far as a room shows it. */
interface Message {
  type: string;
  role?: "user" | "assistant";
  transcriptType?: "partial" | "final";
  transcript?: string;
  status?: string;
}

type Client = InstanceType<typeof import("./vapi-client")["default"]>;

const JOIN_WITHIN_MS = 20_000;

export class WebCallSession implements Voice {
  #client: Client | null = null;
  #muted = false;
  #over = false;
  #heard = 0;

  constructor(
    private readonly options: WebCallOptions,
    private readonly hooks: SessionHooks,
  ) {}

  /** Throws when the room cannot be joined in time. */
  async open(): Promise<void> {
    const { default: Vapi } = await import("./vapi-client");
    const { url, inputDeviceId } = this.options;
    // Without `avoidEval` the software would evaluate text, which no page of ours allows.
    const client = new Vapi("", undefined, { avoidEval: true }, inputDeviceId ? { audioSource: inputDeviceId } : {});
    this.#client = client;
    client.on("speech-start", () => this.hooks.onSpeaking(true));
    client.on("speech-end", () => this.hooks.onSpeaking(false));
    client.on("message", (message: Message) => this.#told(message));
    const joined = new Promise<void>((resolve, reject) => {
      const late = window.setTimeout(() => reject(new Error("nobody answered in time")), JOIN_WITHIN_MS);
      client.on("call-start", () => {
        window.clearTimeout(late);
        resolve();
      });
      client.on("call-start-failed", ({ error }) => reject(new Error(error)));
      client.on("error", (error: unknown) => reject(error instanceof Error ? error : new Error("no room")));
    });
    await Promise.all([joined, client.reconnect({ webCallUrl: url })]);
    client.on("call-end", () => this.#ended());
    client.setMuted(this.#muted);
    this.hooks.onLine("connected");
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#client?.setMuted(muted);
  }

  /** Typed words go to the buyer like spoken ones; the service does not repeat them, so they are shown here. */
  say(text: string): void {
    this.#client?.send({ type: "add-message", message: { role: "user", content: text }, triggerResponseEnabled: true });
    this.#said("user", text);
  }

  typing(): void {
    // The service has no such message.
  }

  spectrum(): Uint8Array | null {
    return null;
  }

  loseMicrophone(): void {
    this.#client?.setMuted(true);
  }

  async useMicrophone(deviceId: string): Promise<void> {
    await this.#client?.setInputDevicesAsync({ audioDeviceId: deviceId });
    this.#client?.setMuted(this.#muted);
  }

  async hangUp(): Promise<void> {
    this.#over = true;
    const client = this.#client;
    this.#client = null;
    await client?.stop();
  }

  #told({ type, role, transcriptType, transcript, status }: Message): void {
    if (type === "status-update" && status === "ended") this.#ended();
    if (type !== "transcript" || !role || !transcript) return;
    if (transcriptType === "final") this.#said(role, transcript);
    else if (role === "user") this.hooks.onTentative(transcript);
  }

  #said(role: Said["role"], text: string): void {
    this.#heard += 1;
    this.hooks.onSaid({ role, text, eventId: this.#heard, corrected: false });
  }

  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.hooks.onOver("ended", "");
  }
}
