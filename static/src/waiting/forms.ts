/**
 * Forms that lose nothing: `<form data-keep="name">` keeps what is written as a draft, and, sent without a way to the server,
 * waits on the device until there is one.
 */
import { reachable } from "./sending";
import { draftOf, draftsOf, dropDraft, type Fields, keepDraft, keepWaiting, owner } from "./store";

const WRITE_AFTER_MS = 300;
const KEPT = "form[data-keep]";
const NEVER = ["csrfmiddlewaretoken"];

export interface FormTexts {
  restored: string;
  discard: string;
}

export class KeptForms {
  #timers = new WeakMap<HTMLFormElement, number>();
  #sure = new WeakSet<HTMLFormElement>();

  constructor(
    private readonly texts: FormTexts,
    private readonly onKept: () => void,
  ) {}

  /** From the first moment on: what is typed or sent while the device's store still opens is kept, too. */
  listen(): void {
    document.addEventListener("input", (event) => this.#written(event.target));
    // Before htmx, which listens at the form itself.
    document.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
  }

  async start(): Promise<void> {
    document.addEventListener("htmx:load", (event) => void this.#restoreIn(event.target as Element));
    document.addEventListener("htmx:afterRequest", (event) => this.#answered(event));
    await this.#settle();
    await this.#restoreIn(document.documentElement);
  }

  /** A page that came says that what was sent before it arrived; a page of errors says that it did not. */
  async #settle(): Promise<void> {
    const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const arrived = (page?.responseStatus ?? 200) < 400;
    for (const draft of await draftsOf(owner())) {
      if (!draft.sent) continue;
      if (arrived) await dropDraft(draft.owner, draft.form);
      else await keepDraft({ ...draft, sent: false });
    }
  }

  #written(target: EventTarget | null): void {
    const form = target instanceof Element ? target.closest<HTMLFormElement>(KEPT) : null;
    if (!form) return;
    window.clearTimeout(this.#timers.get(form));
    const timer = window.setTimeout(() => void this.#keep(form, false), WRITE_AFTER_MS);
    this.#timers.set(form, timer);
  }

  async #keep(form: HTMLFormElement, sent: boolean): Promise<void> {
    window.clearTimeout(this.#timers.get(form));
    const fields = fieldsOf(form);
    if (fields) await keepDraft({ owner: owner(), form: nameOf(form), fields, sent });
  }

  #submitted(event: SubmitEvent): void {
    const form = event.target instanceof HTMLFormElement && event.target.matches(KEPT) ? event.target : null;
    if (!form || this.#sure.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#send(form, event.submitter);
  }

  async #send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
    const fields = fieldsOf(form, submitter);
    if (!fields || (await reachable()) || !(await this.#wait(form, fields))) {
      await this.#keep(form, true);
      this.#sure.add(form);
      form.requestSubmit(submitter);
      return;
    }
    window.clearTimeout(this.#timers.get(form));
    await dropDraft(owner(), nameOf(form));
    form.reset();
    form.querySelector("[data-restored]")?.remove();
    this.onKept();
  }

  #wait(form: HTMLFormElement, fields: Fields): Promise<boolean> {
    const url = new URL(form.getAttribute("hx-post") ?? form.action, window.location.href).href;
    const item = { id: crypto.randomUUID(), owner: owner(), url, fields, form: nameOf(form), at: Date.now() };
    return keepWaiting(item);
  }

  /** A form that htmx sent stays on its page, so that its answer is known at once. */
  #answered(event: Event): void {
    const { elt, successful } = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail;
    if (!(elt instanceof HTMLFormElement) || !elt.matches(KEPT)) return;
    if (successful) void dropDraft(owner(), nameOf(elt));
    else void this.#keep(elt, false);
  }

  async #restoreIn(part: Element): Promise<void> {
    const forms = part.matches(KEPT) ? [part as HTMLFormElement] : [...part.querySelectorAll<HTMLFormElement>(KEPT)];
    for (const form of forms) {
      const draft = await draftOf(owner(), nameOf(form));
      if (draft && !draft.sent && fill(form, draft.fields)) this.#say(form);
    }
  }

  #say(form: HTMLFormElement): void {
    if (form.querySelector("[data-restored]")) return;
    const note = document.createElement("p");
    note.dataset.restored = "";
    note.className = "muted text-sm mb-2";
    note.setAttribute("role", "status");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "text-link";
    discard.textContent = this.texts.discard;
    discard.addEventListener("click", () => {
      void dropDraft(owner(), nameOf(form));
      form.reset();
      note.remove();
    });
    note.append(`${this.texts.restored} `, discard);
    form.prepend(note);
  }
}

function nameOf(form: HTMLFormElement): string {
  return `${window.location.pathname}#${form.dataset.keep}`;
}

/** Null where a file is among them: those are too large to keep. */
function fieldsOf(form: HTMLFormElement, submitter: HTMLElement | null = null): Fields | null {
  const fields: Fields = [];
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value !== "string") return null;
    if (!NEVER.includes(name)) fields.push([name, value]);
  }
  return fields;
}

/** True where something changed by it. */
function fill(form: HTMLFormElement, fields: Fields): boolean {
  const before = JSON.stringify(fieldsOf(form));
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      field.checked = values.get(field.name)?.includes(field.value) ?? false;
    } else if (field instanceof HTMLSelectElement) {
      for (const option of field.options) option.selected = values.get(field.name)?.includes(option.value) ?? false;
    } else if (
      (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) &&
      !["hidden", "submit", "button", "file", "password"].includes(field.type)
    ) {
      const value = values.get(field.name)?.shift();
      if (value !== undefined) field.value = value;
    }
  }
  return JSON.stringify(fieldsOf(form)) !== before;
}
