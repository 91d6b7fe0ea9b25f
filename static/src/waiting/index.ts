/** What the server has not got yet: kept on the device, shown, sent when there is a way, gone when its owner signs out. */
import { KeptForms } from "./forms";
import { forgetLines, linesOf } from "./lines";
import { type Outcome, reachable, Sender } from "./sending";
import { forgetEverything, forgetOthers, owner, waitingOf } from "./store";

const SAID_FOR_MS = 6000;
const LOOK_MS = 5000;

/** On a page of somebody who is signed in. */
export function startWaiting(): void {
  askBeforeSigningOut();
  const note = document.querySelector<HTMLElement>("[data-waiting]");
  if (!note || !owner()) return;
  const shown = new Note(note);
  const sender = new Sender((outcome) => shown.show(outcome));
  const texts = { restored: note.dataset.restored ?? "", discard: note.dataset.discard ?? "" };
  const forms = new KeptForms(texts, () => void sender.send());
  note.querySelector("[data-send-now]")?.addEventListener("click", () => void sender.send());
  forms.listen();
  forgetLines(owner().split("/")[1]);
  void forgetOthers(owner()).then(async () => {
    await forms.start();
    sender.start();
  });
}

/** The page that stands in for one that could not be had goes when that can be had again. */
export function startOfflinePage(): void {
  if (!("offlinePage" in document.body.dataset)) return;
  const look = async (): Promise<void> => {
    if (await reachable()) window.location.reload();
  };
  window.addEventListener("online", () => void look());
  window.setInterval(() => void look(), LOOK_MS);
}

class Note {
  #timer = 0;

  constructor(private readonly element: HTMLElement) {}

  show({ waiting, sent, refused }: Outcome): void {
    const { one = "", many = "", sent: allSent = "", refused: notTaken = "" } = this.element.dataset;
    const texts: string[] = [];
    if (waiting > 0) texts.push((waiting === 1 ? one : many).replace("{count}", String(waiting)));
    else if (sent > 0 && refused.length === 0) texts.push(allSent);
    if (refused.length > 0) texts.push(notTaken);
    if (texts.length === 0) {
      if (!this.#timer) this.element.hidden = true;
      return;
    }
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    const text = this.element.querySelector("[data-waiting-text]");
    if (text) text.textContent = texts.join(" ");
    const [form] = refused;
    const back = this.element.querySelector<HTMLAnchorElement>("[data-waiting-back]");
    if (back) {
      back.hidden = form === undefined;
      back.href = form?.split("#")[0] ?? "";
    }
    const now = this.element.querySelector<HTMLElement>("[data-send-now]");
    if (now) now.hidden = waiting === 0;
    this.element.hidden = false;
    if (waiting === 0 && refused.length === 0) {
      this.#timer = window.setTimeout(() => {
        this.#timer = 0;
        this.element.hidden = true;
      }, SAID_FOR_MS);
    }
  }
}

/** Nothing of anybody stays on the device; what waits would be lost, so that is asked first. */
function askBeforeSigningOut(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sign-out]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void signOut(form);
    });
  }
}

async function signOut(form: HTMLFormElement): Promise<void> {
  const whose = owner();
  const waits = whose ? (await waitingOf(whose)).length + linesOf(whose).length : 0;
  if (waits > 0 && !window.confirm(form.dataset.signOut)) return;
  forgetLines();
  await forgetEverything();
  form.submit();
}
