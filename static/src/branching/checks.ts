/** What the server says about the graph as it stands: what is broken, and how it reads as text. Asked after a pause. */
import { ApiError, api } from "../api";
import type { GraphDocument } from "./document";
import { h } from "./dom";
import { type Choice, fill, type PageData, type Problem } from "./graph";

const PAUSE_MS = 500;

interface Answer {
  problems: Problem[];
  text: string;
}

export class Checks {
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(
    private readonly hosts: { problems: HTMLElement; status: HTMLElement; text: HTMLElement },
    private readonly document: GraphDocument,
    private readonly data: PageData,
    private readonly heard: (problems: readonly Problem[]) => void,
    private readonly open: (choice: Choice) => void,
  ) {
    document.onChange(() => this.soon());
    void this.ask();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const sending = { body: { graph: this.document.graph }, signal: asking.signal };
      const answer = await api<Answer>("POST", this.data.urls.check, sending);
      this.show(answer.problems);
      this.hosts.text.textContent = answer.text || (this.data.texts.noText ?? "");
    } catch (error) {
      if (asking.signal.aborted) return;
      const reason = error instanceof ApiError && error.code !== "network" ? error.message : this.data.texts.offline;
      this.hosts.status.textContent = reason ?? "";
    }
  }

  private show(problems: readonly Problem[]): void {
    const count = problems.length;
    const { texts } = this.data;
    const said = count === 0 ? texts.noProblems : count === 1 ? texts.oneProblem : texts.manyProblems;
    const sentence = fill(said ?? "", { count });
    // Said again only when it changed: this line is read aloud.
    if (this.hosts.status.textContent !== sentence) this.hosts.status.textContent = sentence;
    this.hosts.status.classList.toggle("is-broken", count > 0);
    this.hosts.problems.replaceChildren(...problems.map((problem) => h("li", {}, this.line(problem))));
    this.heard(problems);
  }

  private line(problem: Problem): HTMLElement | string {
    const { element, id } = problem;
    if (element === "graph") return problem.message;
    const onclick = (): void => this.open({ type: element, id });
    return h("button", { type: "button", class: "branching-link", "data-problem": id, onclick }, problem.message);
  }
}
