/** The events socket of a call: what happened, in order, with nothing missed when the line drops. */

export interface CallEvent {
  type: string;
  call_id: string;
  seq: number;
  at: string;
  data: Record<string, unknown>;
}

/** What else some listeners want to know: sound comes as binary frames, a line that opens or closes with its code. */
export interface LineHooks {
  onSound?: (frame: ArrayBuffer) => void;
  onOpen?: () => void;
  onClosed?: (code: number) => void;
}

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;

export class CallEvents {
  #socket: WebSocket | null = null;
  #seen = 0;
  #wait = FIRST_WAIT_MS;
  #closed = false;
  #timer = 0;

  constructor(
    private readonly url: string,
    private readonly onEvent: (event: CallEvent) => void,
    private readonly hooks: LineHooks = {},
  ) {}

  start(): void {
    this.#open();
    window.addEventListener("online", this.#hurry);
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    window.removeEventListener("online", this.#hurry);
    this.#socket?.close();
  }

  #open(): void {
    const separator = this.url.includes("?") ? "&" : "?";
    const socket = new WebSocket(`${this.url}${separator}after=${this.#seen}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT_MS;
      this.hooks.onOpen?.();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.#take(data);
      else this.hooks.onSound?.(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#closed || socket !== this.#socket) return;
      this.hooks.onClosed?.(code);
      if (this.#closed) return;
      this.#timer = window.setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    });
  }

  #take(text: string): void {
    const event = JSON.parse(text) as CallEvent;
    // Presence and the like are not in the log and carry no number.
    if (event.seq) {
      if (event.seq <= this.#seen) return;
      this.#seen = event.seq;
    }
    this.onEvent(event);
  }

  #hurry = (): void => {
    if (this.#closed || this.#socket?.readyState !== WebSocket.CLOSED) return;
    window.clearTimeout(this.#timer);
    this.#open();
  };
}
