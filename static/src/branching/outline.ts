/** The same graph as a list: every node with its ways out, for whoever does not use the drawing. */
import { describe } from "./conditions";
import type { GraphDocument } from "./document";
import { h } from "./dom";
import { type Choice, fill, type GraphNode, type PageData, type Problem } from "./graph";

export class Outline {
  private problems: readonly Problem[] = [];

  constructor(
    private readonly host: HTMLElement,
    private readonly document: GraphDocument,
    private readonly data: PageData,
    private readonly open: (choice: Choice) => void,
  ) {
    document.onChange(() => this.show());
    document.onChoice(() => this.show());
    this.show();
  }

  setProblems(problems: readonly Problem[]): void {
    this.problems = problems;
    this.show();
  }

  private show(): void {
    const focused = this.host.contains(document.activeElement) ? document.activeElement?.id : "";
    const { texts } = this.data;
    const head = ["listTitle", "listKind", "listWays"].map((name) => h("th", { scope: "col" }, texts[name]));
    this.host.replaceChildren(
      h(
        "table",
        { class: "branching-table" },
        h("caption", { class: "sr-only" }, texts.listCaption),
        h("thead", {}, h("tr", {}, ...head)),
        h("tbody", {}, ...this.document.graph.nodes.map((node) => this.row(node))),
      ),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  private row(node: GraphNode): HTMLElement {
    const kind = this.data.kinds.find(({ value }) => value === node.kind)?.label ?? node.kind;
    const ways = this.document.edgesFrom(node.id).map((edge) => {
      const title = this.document.node(edge.to)?.title || (this.data.texts.untitled ?? "");
      const when = edge.label || describe(edge.when, this.data);
      const label = fill(this.data.texts.wayTo ?? "", { title, when });
      return h("li", {}, this.button({ type: "edge", id: edge.id }, label));
    });
    const title = this.button({ type: "node", id: node.id }, node.title || (this.data.texts.untitled ?? ""));
    const list = h("ol", {}, ...ways);
    return h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, kind), h("td", {}, ways.length ? list : "–"));
  }

  private button(choice: NonNullable<Choice>, label: string): HTMLElement {
    const wrong = this.problems.some(({ element, id }) => element === choice.type && id === choice.id);
    return h(
      "button",
      {
        id: `row-${choice.type}-${choice.id}`,
        type: "button",
        class: wrong ? "branching-link is-broken" : "branching-link",
        "aria-current": choice.id === this.document.choice?.id ? "true" : null,
        onclick: () => this.open(choice),
      },
      label,
      wrong ? h("span", { class: "branching-flag" }, ` ${this.data.texts.brokenName}`) : null,
    );
  }
}
