/** Saving, and what happens when somebody else saved in between. */
import { ApiError, api } from "../api";
import type { GraphDocument } from "./document";
import { h } from "./dom";
import { fill, type Graph, type PageData } from "./graph";

interface Saved {
  revision: number;
  graph: Graph;
  message: string;
}

interface Conflict {
  revision: number;
  by: string;
  differences: string[];
}

export class Saving {
  private revision: number;
  private busy = false;

  constructor(
    private readonly hosts: { button: HTMLButtonElement; status: HTMLElement; conflict: HTMLElement },
    private readonly document: GraphDocument,
    private readonly data: PageData,
  ) {
    this.revision = data.revision;
    hosts.button.addEventListener("click", () => void this.save());
    document.onChange(() => this.show());
    addEventListener("beforeunload", (event) => {
      if (this.document.isDirty) event.preventDefault();
    });
    this.show();
  }

  async save(): Promise<void> {
    if (this.busy || !this.data.editable) return;
    this.busy = true;
    this.show();
    this.say(this.data.texts.saving ?? "");
    try {
      const sent = structuredClone(this.document.graph) as Graph;
      const saved = await api<Saved>("POST", this.data.urls.save, { body: { graph: sent, revision: this.revision } });
      this.revision = saved.revision;
      this.hosts.conflict.replaceChildren();
      this.document.markSaved(sent);
      this.say(saved.message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409 && "revision" in error.body.details) {
        this.showConflict(error.body.details as unknown as Conflict);
      } else {
        this.say(error.code === "network" ? (this.data.texts.offline ?? "") : error.message);
      }
    } finally {
      this.busy = false;
      this.show();
    }
  }

  private show(): void {
    this.hosts.button.disabled = this.busy || !this.data.editable || !this.document.isDirty;
    if (this.document.isDirty && !this.busy) this.say(this.data.texts.unsaved ?? "", "unsaved");
  }

  private say(text: string, state = ""): void {
    // A refusal stays readable until something is changed or saved again.
    if (this.hosts.status.textContent !== text) this.hosts.status.textContent = text;
    this.hosts.status.dataset.state = state;
  }

  /** Nothing was saved: what the others changed, and the choice of whose stays. */
  private showConflict(conflict: Conflict): void {
    const { texts } = this.data;
    const keepMine = (): void => {
      this.revision = conflict.revision;
      void this.save();
    };
    const takeTheirs = (): void => {
      this.document.markSaved(structuredClone(this.document.graph) as Graph);
      location.reload();
    };
    this.say(texts.notSaved ?? "");
    const panel = h(
      "section",
      { class: "authoring-notes authoring-errors", role: "alert", "aria-labelledby": "conflict-title" },
      h("h2", { id: "conflict-title", tabindex: -1 }, texts.conflictTitle),
      h("p", {}, fill(texts.conflict ?? "", { who: conflict.by })),
      h("ul", {}, ...conflict.differences.map((line) => h("li", {}, line))),
      h(
        "p",
        { class: "authoring-actions" },
        h("button", { type: "button", class: "authoring-button", onclick: keepMine }, texts.keepMine),
        h("button", { type: "button", class: "authoring-button", onclick: takeTheirs }, texts.takeTheirs),
      ),
    );
    this.hosts.conflict.replaceChildren(panel);
    panel.querySelector<HTMLElement>("h2")?.focus();
  }
}
