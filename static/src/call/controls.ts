/** Buttons and keys of a running call: mute, push to talk, type, end. */
import type { Parts } from "./parts";

export interface ControlHooks {
  /** May the buyer hear the microphone now? */
  onOpenMic: (open: boolean) => void;
  onText: (text: string) => void;
  onTyping: () => void;
  onEnd: () => void;
}

const TYPING_EVERY_MS = 1500;

export class Controls {
  #muted = false;
  #held = false;
  #lastTyped = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: Parts,
    private readonly texts: Record<string, string>,
    private readonly pushToTalk: boolean,
    private readonly hooks: ControlHooks,
  ) {}

  /** Nothing is said while this is true. */
  get silenced(): boolean {
    return this.#muted || (this.pushToTalk && !this.#held);
  }

  get muted(): boolean {
    return this.#muted;
  }

  start(): void {
    const mute = this.parts.find("mute");
    mute?.addEventListener("click", () => this.#toggleMute());
    this.parts.find("type-toggle")?.addEventListener("click", () => this.#toggleTyping());
    this.parts.get("end").addEventListener("click", () => this.#confirmEnd());
    this.#wireTyping();
    this.#wireConfirm();
    document.addEventListener("keydown", this.#key);
    if (this.pushToTalk) this.#wireTalk();
    this.hooks.onOpenMic(!this.silenced);
  }

  stop(): void {
    document.removeEventListener("keydown", this.#key);
    const dialog = this.parts.get<HTMLDialogElement>("confirm");
    if (dialog.open) dialog.close();
  }

  #toggleMute(): void {
    this.#muted = !this.#muted;
    const button = this.parts.get("mute");
    button.setAttribute("aria-pressed", String(this.#muted));
    this.parts.get("mute-label").textContent = this.texts[this.#muted ? "unmute" : "mute"] ?? "";
    this.hooks.onOpenMic(!this.silenced);
  }

  /** Offer the keyboard, without taking the focus from where it is. */
  offerTyping(): void {
    this.parts.get("type-form").hidden = false;
    this.parts.find("type-toggle")?.setAttribute("aria-pressed", "true");
  }

  #toggleTyping(): void {
    const form = this.parts.get("type-form");
    form.hidden = !form.hidden;
    this.parts.find("type-toggle")?.setAttribute("aria-pressed", String(!form.hidden));
    if (!form.hidden) this.parts.get("type-input").focus();
  }

  #wireTyping(): void {
    const input = this.parts.get<HTMLInputElement>("type-input");
    this.parts.get("type-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      input.value = "";
      if (text) this.hooks.onText(text);
    });
    input.addEventListener("input", () => {
      // While somebody types the buyer must not take the silence for a pause.
      if (performance.now() - this.#lastTyped < TYPING_EVERY_MS) return;
      this.#lastTyped = performance.now();
      this.hooks.onTyping();
    });
  }

  #wireConfirm(): void {
    const dialog = this.parts.get<HTMLDialogElement>("confirm");
    this.parts.get("confirm-no").addEventListener("click", () => dialog.close());
    this.parts.get("confirm-yes").addEventListener("click", () => {
      dialog.close();
      this.hooks.onEnd();
    });
  }

  #confirmEnd(): void {
    this.parts.get<HTMLDialogElement>("confirm").showModal();
  }

  #wireTalk(): void {
    const talk = this.parts.get("talk");
    talk.hidden = false;
    this.parts.get("mute").hidden = true;
    this.parts.get("keys").hidden = true;
    this.parts.get("talk-keys").hidden = false;
    const hold = (held: boolean) => {
      if (held === this.#held) return;
      this.#held = held;
      talk.classList.toggle("is-held", held);
      this.hooks.onOpenMic(!this.silenced);
    };
    talk.addEventListener("pointerdown", () => hold(true));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) talk.addEventListener(end, () => hold(false));
    document.addEventListener("keydown", (event) => {
      if (event.code !== "Space" || typedInto(event.target) || isOtherButton(event.target, talk)) return;
      event.preventDefault();
      hold(true);
    });
    document.addEventListener("keyup", (event) => {
      if (event.code === "Space") hold(false);
    });
    window.addEventListener("blur", () => hold(false));
  }

  #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typedInto(event.target)) return;
    if (this.parts.get<HTMLDialogElement>("confirm").open) return;
    const key = event.key.toLowerCase();
    if (key === "m" && this.parts.find("mute") && !this.pushToTalk) this.#toggleMute();
    else if (key === "t" && this.parts.find("type-toggle")) {
      event.preventDefault();
      this.#toggleTyping();
    } else if (key === "e") this.#confirmEnd();
  };
}

function typedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
}

/** The space bar presses a button that has the focus; only the talk button means talking. */
function isOtherButton(target: EventTarget | null, talk: HTMLElement): boolean {
  return target instanceof HTMLElement && target !== talk && target.closest("button, summary, a") !== null;
}
