/** The coach: questions, answers as they are written, and the passages that they name. */
import "../coach/coach.css";
import { ApiError, pageData } from "../api";
import { postEvents } from "../coach/stream";

type Text =
  | "thinking"
  | "network"
  | "wait"
  | "broke"
  | "quoted"
  | "own"
  | "written"
  | "ungrounded"
  | "open"
  | "you"
  | "coach";

interface Citation {
  number: number;
  chunk_id: string;
  document: { id: string; title: string };
  heading: string;
}

interface Said {
  role: "user" | "coach";
  text: string;
  grounded: string;
  written_by: string;
  complete: boolean;
  citations: Citation[];
}

interface PageData {
  chat: string;
  passages: string;
  pages: string;
  conversation: string | null;
  said: Said[];
  texts: Record<Text, string>;
}

interface Done {
  conversation_id: string;
  grounded: string;
  written_by: string;
  complete: boolean;
  text: string;
}

const data = pageData<PageData>("coach-data");
const MARK = /\[(\d{1,2})\]/g;

function part<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

const log = part<HTMLOListElement>("[data-log]");
const start = part("[data-start]");
const state = part("[data-state]");
const problem = part("[data-problem]");
const form = part<HTMLFormElement>("[data-form]");
const question = part<HTMLTextAreaElement>("#coach-question");
const dialog = part<HTMLDialogElement>("[data-passage]");
const passageBody = part("[data-passage-body]");

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/%\((\w+)\)s/g, (_all, name: string) => values[name] ?? "");
}

async function openPassage(citation: Citation): Promise<void> {
  const answer = await fetch(`${data.passages}${citation.chunk_id}/`, { credentials: "same-origin" }).catch(() => null);
  const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html").querySelector("#passage");
  if (page) passageBody.replaceChildren(document.importNode(page, true));
  else passageBody.textContent = data.texts.network;
  dialog.showModal();
}

/** An answer on the page, drawn anew with each piece. Whatever stands in it is text; numbers in brackets become buttons. */
class Answer {
  private readonly item = document.createElement("li");
  private readonly words = document.createElement("p");
  private readonly sources = document.createElement("div");
  private readonly note = document.createElement("p");
  private readonly citations = new Map<number, Citation>();
  private text = "";

  constructor() {
    this.item.className = "coach-turn coach-answer";
    this.sources.className = "coach-sources";
    this.note.className = "coach-note muted";
    this.item.append(speaker(data.texts.coach), this.words, this.sources, this.note);
    log.append(this.item);
  }

  add(text: string): void {
    this.text += text;
    this.draw();
  }

  cite(citation: Citation): void {
    this.citations.set(citation.number, citation);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline";
    button.textContent = `${citation.number} · ${citation.document.title}`;
    button.addEventListener("click", () => void openPassage(citation));
    this.sources.append(button);
    this.draw();
  }

  end(done: Pick<Done, "grounded" | "written_by" | "complete">, hasCitations: boolean): void {
    const texts = data.texts;
    if (!done.complete) this.note.textContent = texts.broke;
    else if (done.grounded === "calls") this.note.textContent = texts.own;
    else if (done.grounded === "playbook")
      this.note.textContent = done.written_by === "embedded" ? texts.quoted : texts.written;
    else if (done.written_by !== "embedded" && !hasCitations) this.note.textContent = texts.ungrounded;
  }

  get cited(): boolean {
    return this.citations.size > 0;
  }

  show(): void {
    this.item.scrollIntoView({ block: "nearest" });
  }

  private draw(): void {
    const parts: (Node | string)[] = [];
    let at = 0;
    for (const mark of this.text.matchAll(MARK)) {
      const citation = this.citations.get(Number(mark[1]));
      if (!citation) continue;
      parts.push(this.text.slice(at, mark.index));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "coach-mark";
      button.textContent = `[${citation.number}]`;
      button.setAttribute(
        "aria-label",
        fill(data.texts.open, { number: String(citation.number), title: citation.document.title }),
      );
      button.addEventListener("click", () => void openPassage(citation));
      parts.push(button);
      at = mark.index + mark[0].length;
    }
    parts.push(this.text.slice(at));
    this.words.replaceChildren(...parts);
  }
}

function speaker(name: string): HTMLElement {
  const label = document.createElement("span");
  label.className = "sr-only";
  label.textContent = `${name}: `;
  return label;
}

function showQuestion(text: string): void {
  const item = document.createElement("li");
  item.className = "coach-turn coach-question";
  const words = document.createElement("p");
  words.textContent = text;
  item.append(speaker(data.texts.you), words);
  log.append(item);
}

function refuse(text: string): void {
  problem.textContent = text;
  problem.hidden = !text;
}

function busy(is: boolean): void {
  for (const control of document.querySelectorAll<HTMLButtonElement>("[data-form] button, [data-example]"))
    control.disabled = is;
  log.parentElement?.setAttribute("aria-busy", String(is));
  state.textContent = is ? data.texts.thinking : "";
}

async function ask(text: string): Promise<void> {
  refuse("");
  busy(true);
  start.hidden = true;
  let answer: Answer | null = null;
  try {
    for await (const event of postEvents(data.chat, { message: text, conversation_id: data.conversation })) {
      if (!answer) {
        showQuestion(text);
        question.value = "";
        answer = new Answer();
      }
      if (event.name === "token") {
        state.textContent = "";
        answer.add((event.data as { text: string }).text);
      } else if (event.name === "citation") answer.cite(event.data as Citation);
      else if (event.name === "done") finish(answer, event.data as Done);
      answer.show();
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (answer) answer.end({ grounded: "", written_by: "embedded", complete: false }, answer.cited);
    else refuse(why(error));
  } finally {
    busy(false);
    question.focus();
  }
}

function finish(answer: Answer, done: Done): void {
  answer.end(done, answer.cited);
  if (data.conversation !== done.conversation_id) {
    data.conversation = done.conversation_id;
    window.history.replaceState(null, "", `${data.pages}${done.conversation_id}/`);
  }
}

function why(error: ApiError): string {
  if (error.code === "network") return data.texts.network;
  if (error.status === 429) return fill(data.texts.wait, { seconds: String(error.retryAfter ?? 60) });
  const issue = error.body.details.issue;
  return typeof issue === "string" ? issue : error.message;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (text) void ask(text);
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
for (const example of document.querySelectorAll<HTMLButtonElement>("[data-example]"))
  example.addEventListener("click", () => void ask(example.textContent?.trim() ?? ""));

for (const said of data.said) {
  if (said.role === "user") {
    showQuestion(said.text);
    continue;
  }
  const answer = new Answer();
  for (const citation of said.citations) answer.cite(citation);
  answer.add(said.text);
  answer.end(said, answer.cited);
}
