/** The bell: the number of unread notifications, told by the server whenever it changes. */

interface BellEvent {
  type: string;
  data: { unread: number; notice: { id: string; title: string } | null };
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const MOST_SHOWN = 99;
const NOT_HERE = 4404;

export function startBell(): void {
  const bell = document.querySelector<HTMLAnchorElement>("[data-bell]");
  if (bell && "WebSocket" in window) new Bell(bell).start();
}

class Bell {
  #wait = FIRST_WAIT_MS;
  #socket: WebSocket | null = null;
  #refused = false;

  constructor(private readonly link: HTMLAnchorElement) {}

  start(): void {
    this.#open();
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#hurry());
    // A page that is kept for "back" holds no socket.
    window.addEventListener("pagehide", () => this.#socket?.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.#hurry());
  }

  #open(): void {
    const address = new URL("../ws/notices/", this.link.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    // What leads to this page need not be told of any more.
    address.searchParams.set("seen", window.location.pathname);
    const socket = new WebSocket(address);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.#wait = FIRST_WAIT_MS;
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => this.#show(JSON.parse(data) as BellEvent));
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.#socket) return;
      // Refused after it had been let in: the session is over, or the person left.
      this.#refused = opened && code === NOT_HERE;
      if (this.#refused) return;
      window.setTimeout(() => this.#hurry(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    });
  }

  #hurry(): void {
    if (this.#refused || document.hidden || this.#socket?.readyState !== WebSocket.CLOSED) return;
    this.#open();
  }

  #show({ data }: BellEvent): void {
    const badge = this.link.querySelector<HTMLElement>("[data-bell-count]");
    const number = this.link.querySelector("[data-bell-number]");
    if (badge) badge.hidden = data.unread === 0;
    if (number) number.textContent = data.unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(data.unread);
    const news = document.querySelector("[data-bell-news]");
    if (news && data.notice) news.textContent = data.notice.title;
  }
}
