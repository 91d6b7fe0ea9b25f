/** Real calls: a file sent in parts that goes on after a break, and an upload's page that follows how it gets on. */
import { type DetailedError, Upload } from "tus-js-client";
import { ApiError, csrfToken, pageData, postJson } from "../api";

type Text = "sending" | "waiting" | "tooLarge" | "empty" | "consent" | "failed" | "otherFile" | "heard";

interface PageData {
  api: string;
  pages: string;
  partBytes: number;
  mostBytes: number;
  texts: Record<Text, string>;
  id?: string;
  status?: string;
  sizeBytes?: number;
  stream?: string;
  body?: string;
  over?: boolean;
}

interface State {
  status: string;
  progress: number;
}

interface Piece {
  position: number;
  start_ms: number;
  text: string;
}

const data = pageData<PageData>("upload-data");
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];

function part<T extends HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** What a form says while it sends its file. */
class Sending {
  private readonly problem: HTMLElement;
  private readonly frame: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly status: HTMLElement;

  constructor(private readonly form: HTMLFormElement) {
    this.problem = part(form, "[data-upload-problem]");
    this.frame = part(form, "[data-upload-progress]");
    this.bar = part(form, "progress");
    this.status = part(form, "[data-upload-status]");
  }

  refuse(text: string): void {
    this.problem.textContent = text;
    this.problem.hidden = false;
    this.frame.hidden = true;
    this.busy(false);
    // What was chosen stays; the reader hears why and can change it.
    this.problem.scrollIntoView({ block: "nearest" });
  }

  busy(busy: boolean): void {
    for (const control of this.form.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input, select")) {
      control.disabled = busy;
    }
    if (busy) this.problem.hidden = true;
  }

  show(sent: number, size: number): void {
    const percent = size ? Math.floor((sent * 100) / size) : 0;
    this.frame.hidden = false;
    this.bar.value = percent;
    this.say(data.texts.sending.replace("%(percent)s", String(percent)).replace("%%", "%"));
  }

  say(text: string): void {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

/** Send the file to an upload that the server knows; it says itself from where. */
function send(file: File, id: string, sending: Sending): Promise<void> {
  return new Promise((resolve, reject) => {
    new Upload(file, {
      uploadUrl: `${data.api}${id}/content/`,
      chunkSize: data.partBytes,
      retryDelays: RETRIES_MS,
      storeFingerprintForResuming: false,
      headers: { "x-csrftoken": csrfToken() },
      onProgress: (sent, size) => sending.show(sent, size),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const again = status === 0 || status === 409 || status === 429 || status >= 500;
        if (again) sending.say(data.texts.waiting);
        return again;
      },
      onSuccess: () => resolve(),
      onError: (error) => reject(error),
    }).start();
  });
}

/** The sentence that the server gave, whichever way it came. */
function sentence(error: unknown): string {
  if (error instanceof ApiError && error.code !== "network") return firstIssue(error) || error.message;
  const body = (error as DetailedError).originalResponse?.getBody();
  try {
    return (body && (JSON.parse(body) as { error: { message: string } }).error.message) || data.texts.failed;
  } catch {
    return data.texts.failed;
  }
}

function firstIssue(error: ApiError): string {
  const fields = error.body.details.fields as Record<string, string[]> | undefined;
  return Object.values(fields ?? {})[0]?.[0] ?? "";
}

function refusedAtOnce(file: File | undefined): string {
  if (!file) return data.texts.empty;
  if (file.size === 0) return data.texts.empty;
  return file.size > data.mostBytes ? data.texts.tooLarge : "";
}

function announceAndSend(form: HTMLFormElement): void {
  const sending = new Sending(form);
  const chosen = part<HTMLInputElement>(form, "input[type=file]");
  const field = (name: string): string => {
    const control = form.elements.namedItem(name);
    if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked ? "yes" : "";
    return control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control.value : "";
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = chosen.files?.[0];
    const reason = refusedAtOnce(file) || (field("consent") ? "" : data.texts.consent);
    if (reason || !file) {
      sending.refuse(reason);
      return;
    }
    const body = {
      file_name: file.name,
      size_bytes: file.size,
      title: field("title"),
      counterpart: field("counterpart"),
      language: field("language"),
      mode: field("mode"),
      rubric_id: field("rubric_id") || null,
      private: Boolean(field("private")),
      consent: Boolean(field("consent")),
    };
    sending.busy(true);
    sending.show(0, file.size);
    void (async () => {
      try {
        const made = await postJson<{ id: string }>(data.api, body, { idempotencyKey: crypto.randomUUID() });
        await send(file, made.id, sending);
        window.location.assign(`${data.pages}${made.id}/`);
      } catch (error) {
        sending.refuse(sentence(error));
      }
    })();
  });
}

function goOnSending(form: HTMLFormElement, id: string, size: number): void {
  const sending = new Sending(form);
  const chosen = part<HTMLInputElement>(form, "input[type=file]");
  chosen.addEventListener("change", () => {
    const file = chosen.files?.[0];
    if (!file) return;
    if (file.size !== size) {
      sending.refuse(data.texts.otherFile);
      return;
    }
    sending.busy(true);
    void send(file, id, sending).then(
      () => window.location.reload(),
      (error: unknown) => sending.refuse(sentence(error)),
    );
  });
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Follow an upload until nothing more comes. A lost connection goes on where it was: the browser tells what it has. */
class Follower {
  private root: HTMLElement;

  constructor(
    private readonly id: string,
    private readonly body: string,
    private readonly announce: HTMLElement,
  ) {
    this.root = part(document, "[data-upload]");
    this.ready();
  }

  follow(url: string): void {
    const source = new EventSource(url);
    const closing = (): void => source.close();
    source.addEventListener("upload:changed", (event) => this.changed(JSON.parse(event.data) as State));
    source.addEventListener("upload:heard", (event) => this.heard(JSON.parse(event.data) as Piece));
    source.addEventListener("score:ready", () => void this.refresh());
    source.addEventListener("feedback:ready", () => void this.refresh().then(closing));
    source.addEventListener("upload:gone", closing);
    // When all is told the server closes; the browser would ask again for ever.
    source.addEventListener("error", () => {
      if (["ignored", "refused", "failed"].includes(this.root.dataset.status ?? "")) closing();
    });
  }

  private changed(state: State): void {
    if (state.status !== this.root.dataset.status) {
      void this.refresh();
      return;
    }
    const bar = this.root.querySelector<HTMLProgressElement>("[data-upload-bar]");
    if (bar) bar.value = state.progress;
  }

  private heard(piece: Piece): void {
    const list = this.root.querySelector<HTMLOListElement>("[data-upload-heard]");
    if (!list || list.querySelector(`[data-position="${piece.position}"]`)) return;
    const line = document.createElement("li");
    line.dataset.position = String(piece.position);
    const at = document.createElement("span");
    at.className = "muted tabular-nums";
    at.textContent = clockText(piece.start_ms);
    line.append(at, ` ${piece.text}`);
    list.append(line);
    list.scrollTop = list.scrollHeight;
  }

  private async refresh(): Promise<void> {
    const response = await fetch(this.body, { credentials: "same-origin" }).catch(() => null);
    if (!response?.ok) return;
    const holder = document.createElement("div");
    holder.innerHTML = await response.text();
    const fresh = holder.querySelector<HTMLElement>("[data-upload]");
    if (!fresh) return;
    this.root.replaceWith(fresh);
    this.root = fresh;
    this.announce.textContent = fresh.querySelector("h2, .alert")?.textContent?.trim() ?? "";
    this.ready();
  }

  /** What the shown state has that can be used. */
  private ready(): void {
    const rest = this.root.querySelector<HTMLFormElement>("form[data-upload-rest]");
    if (rest) goOnSending(rest, this.id, data.sizeBytes ?? 0);
    const speakers = this.root.querySelector<HTMLFormElement>("form[data-speakers]");
    if (speakers) nameSpeakers(this.root, speakers);
  }
}

function nameSpeakers(root: HTMLElement, form: HTMLFormElement): void {
  const sound = root.querySelector<HTMLAudioElement>("audio[data-upload-sound]");
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-play-ms]");
    if (!button || !sound) return;
    const seconds = Number(button.dataset.playMs) / 1000;
    const play = (): void => {
      sound.currentTime = seconds;
      void sound.play();
    };
    if (sound.readyState > 0) play();
    else {
      sound.addEventListener("loadedmetadata", play, { once: true });
      sound.load();
    }
  });
  const swap = part<HTMLButtonElement>(form, "[data-swap]");
  swap.hidden = false;
  swap.addEventListener("click", () => {
    const one = part<HTMLSelectElement>(form, "[name=speaker-A]");
    const two = part<HTMLSelectElement>(form, "[name=speaker-B]");
    [one.value, two.value] = [two.value, one.value];
  });
}

const form = document.querySelector<HTMLFormElement>("form[data-upload-form]");
if (form) announceAndSend(form);
if (data.id && data.body) {
  const follower = new Follower(data.id, data.body, part(document, "[data-upload-announce]"));
  if (data.stream && !data.over) follower.follow(data.stream);
}
