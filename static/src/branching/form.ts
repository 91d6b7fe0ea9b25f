/** The form beside the drawing: everything about the chosen node or way, and every step that the mouse can do, too. */
import { describe, fresh, kindOf, optionsOf } from "./conditions";
import type { GraphDocument } from "./document";
import { h } from "./dom";
import {
  type ConditionField,
  fill,
  type GraphEdge,
  type GraphNode,
  type NodeKind,
  type Option,
  type PageData,
} from "./graph";

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export class SideForm {
  constructor(
    private readonly host: HTMLElement,
    private readonly document: GraphDocument,
    private readonly data: PageData,
  ) {
    document.onChoice(() => this.show());
    document.onChange((origin) => {
      if (origin !== "form") this.show();
    });
    this.show();
  }

  /** Put the keyboard into the first field. */
  focus(): void {
    this.host.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }

  private text(name: string, values: Record<string, string | number> = {}): string {
    return fill(this.data.texts[name] ?? name, values);
  }

  private show(): void {
    const focused = this.host.contains(document.activeElement) ? document.activeElement?.id : "";
    const { choice } = this.document;
    const node = choice?.type === "node" ? this.document.node(choice.id) : undefined;
    const edge = choice?.type === "edge" ? this.document.edge(choice.id) : undefined;
    this.host.replaceChildren(
      ...(node ? this.nodeForm(node) : edge ? this.edgeForm(edge) : [h("p", {}, this.text("nothingChosen"))]),
    );
    if (!this.data.editable) {
      for (const control of this.host.querySelectorAll<Input | HTMLButtonElement>(
        "input, textarea, select, [data-act]",
      )) {
        control.disabled = true;
      }
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  // -- a node -----------------------------------------------------------------------------------------------------------

  private nodeForm(node: GraphNode): HTMLElement[] {
    const { limits, kinds } = this.data;
    const change = (changes: Partial<GraphNode>): void => this.document.changeNode(node.id, changes, "form");
    const kind = kinds.find(({ value }) => value === node.kind);
    const speaks = node.kind !== "start" && node.kind !== "end";
    return [
      h("h2", { id: "chosen-title" }, this.text("nodeTitle", { kind: kind?.label ?? node.kind })),
      h("p", { class: "branching-help" }, kind?.help),
      this.input("title", this.text("title"), node.title, limits.title, (title) => change({ title })),
      this.select("kind", this.text("kind"), kinds, node.kind, (value) => {
        change({ kind: value as NodeKind });
        this.show();
      }),
      ...(speaks ? [this.personaField(node, change)] : []),
      ...(speaks
        ? [
            this.area("says", this.text("says"), node.says, limits.line, this.text("saysHelp"), (says) =>
              change({ says }),
            ),
            this.area(
              "instructions",
              this.text("instructions"),
              node.instructions,
              limits.text,
              this.text("instructionsHelp"),
              (value) => change({ instructions: value }),
            ),
          ]
        : []),
      ...(node.kind === "end" ? [this.outcomeField(node, change)] : [this.waysOut(node)]),
      this.deleteButton(this.text("deleteNode")),
    ];
  }

  private personaField(node: GraphNode, change: (changes: Partial<GraphNode>) => void): HTMLElement {
    const { personas, persona } = this.data;
    const own = personas.find(({ key }) => key === persona)?.name ?? "";
    const options = [
      { value: "", label: this.text("ownPersona", { name: own }) },
      ...personas.filter(({ key }) => key !== persona).map(({ key, name }) => ({ value: key, label: name })),
    ];
    if (node.persona && !options.some(({ value }) => value === node.persona)) {
      options.push({
        value: node.persona,
        label: node.persona === persona ? own : this.text("unknown", { key: node.persona }),
      });
    }
    return this.select("persona", this.text("persona"), options, node.persona ?? "", (value) =>
      change({ persona: value || null }),
    );
  }

  private outcomeField(node: GraphNode, change: (changes: Partial<GraphNode>) => void): HTMLElement {
    const { outcomes, limits } = this.data;
    if (!outcomes.length) {
      return this.input("outcome", this.text("outcome"), node.outcome, limits.title, (outcome) => change({ outcome }));
    }
    const options = [{ value: "", label: this.text("choose") }, ...outcomes];
    return this.select("outcome", this.text("outcome"), options, node.outcome, (outcome) => change({ outcome }));
  }

  /** The ways out in their order, and one more by keyboard. */
  private waysOut(node: GraphNode): HTMLElement {
    const edges = this.document.edgesFrom(node.id);
    const to = this.targetSelect("new-way", this.text("newWayTo"), node.id, "");
    const add = h(
      "button",
      {
        type: "button",
        class: "authoring-button",
        "data-act": true,
        onclick: () => {
          const target = to.querySelector("select")?.value;
          if (target)
            this.document.connect(node.id, target, fresh(edges.length ? this.firstKind() : "always", this.data));
        },
      },
      this.text("addWay"),
    );
    return h(
      "fieldset",
      { class: "branching-ways" },
      h("legend", {}, this.text("waysOut")),
      edges.length ? null : h("p", { class: "branching-help" }, this.text("noWaysOut")),
      h("ol", {}, ...edges.map((edge) => this.wayRow(edge))),
      to,
      add,
    );
  }

  private firstKind(): string {
    return this.data.conditions.find(({ value }) => value !== "always")?.value ?? "always";
  }

  private wayRow(edge: GraphEdge): HTMLElement {
    const choose = (): void => {
      this.document.choose({ type: "edge", id: edge.id });
      this.focus();
    };
    const label = this.text("wayTo", {
      title: this.titleOf(edge.to),
      when: edge.label || describe(edge.when, this.data),
    });
    return h("li", {}, h("button", { type: "button", class: "branching-link", onclick: choose }, label));
  }

  // -- a way ------------------------------------------------------------------------------------------------------------

  private edgeForm(edge: GraphEdge): HTMLElement[] {
    const { conditions, limits } = this.data;
    const change = (changes: Partial<GraphEdge>): void => this.document.changeEdge(edge.id, changes, "form");
    const kind = kindOf(edge.when, this.data);
    const siblings = this.document.edgesFrom(edge.from);
    const place = siblings.indexOf(edge);
    const back = (): void => this.document.choose({ type: "node", id: edge.from });
    return [
      h("h2", { id: "chosen-title" }, this.text("edgeTitle")),
      h(
        "p",
        {},
        `${this.text("from")} `,
        h("button", { type: "button", class: "branching-link", onclick: back }, this.titleOf(edge.from)),
      ),
      this.targetSelect("to", this.text("to"), edge.from, edge.to, (to) => change({ to })),
      this.select("when", this.text("when"), conditions, edge.when.kind, (value) => {
        change({ when: fresh(value, this.data) });
        this.show();
      }),
      h("p", { class: "branching-help" }, kind?.help),
      ...(kind?.fields ?? []).map((field) => this.conditionField(edge, field)),
      this.input("label", this.text("label"), edge.label, limits.title, (label) => change({ label })),
      siblings.length > 1
        ? h(
            "p",
            { class: "branching-order" },
            this.text("tried", { place: place + 1, count: siblings.length }),
            this.orderButton(edge, -1, this.text("earlier"), place === 0),
            this.orderButton(edge, 1, this.text("later"), place === siblings.length - 1),
          )
        : h("p", { class: "branching-help" }, this.text("onlyWay")),
      this.deleteButton(this.text("deleteEdge")),
    ];
  }

  private conditionField(edge: GraphEdge, field: ConditionField): HTMLElement {
    const source = this.document.node(edge.from);
    const value = edge.when[field.name];
    const change = (changed: unknown): void => {
      const now = this.document.edge(edge.id)?.when ?? edge.when;
      this.document.changeEdge(edge.id, { when: { ...now, [field.name]: changed } }, "form");
    };
    const id = `when-${field.name}`;
    if (field.type === "choice") {
      // What was said may have been said to anybody earlier in the call, so the others' are on offer as well.
      const own = optionsOf(field, this.data, field.from ? (source?.persona ?? this.data.persona) : null);
      const all = optionsOf(field, this.data, null);
      const options: Option[] = [
        { value: "", label: this.text("choose") },
        ...own,
        ...all.filter((option) => !own.some((mine) => mine.value === option.value)),
      ];
      const chosen = String(value ?? "");
      if (!options.some((option) => option.value === chosen)) {
        options.push({ value: chosen, label: this.text("unknown", { key: chosen }) });
      }
      return this.select(id, field.label, options, chosen, change, field.help);
    }
    if (field.type === "text") {
      return this.input(id, field.label, String(value ?? ""), this.data.limits.text, change, field.help);
    }
    const input = h("input", {
      id,
      type: "number",
      min: field.least,
      max: field.most,
      value: String(value ?? ""),
      "aria-describedby": `${id}-help`,
      oninput: (event: Event) => change(Number((event.target as HTMLInputElement).value)),
    });
    return this.field(id, field.label, input, field.help);
  }

  private orderButton(edge: GraphEdge, by: -1 | 1, label: string, disabled: boolean): HTMLElement {
    const shift = (): void => this.document.shift(edge.id, by);
    const id = by < 0 ? "earlier" : "later";
    return h(
      "button",
      { id, type: "button", class: "authoring-button", "data-act": true, disabled, onclick: shift },
      label,
    );
  }

  // -- fields -----------------------------------------------------------------------------------------------------------

  private titleOf(id: string): string {
    return this.document.node(id)?.title || this.text("untitled");
  }

  private deleteButton(label: string): HTMLElement {
    const remove = (): void => this.document.remove(this.document.choice);
    return h(
      "button",
      { type: "button", class: "authoring-button branching-delete", "data-act": true, onclick: remove },
      label,
    );
  }

  private targetSelect(
    id: string,
    label: string,
    from: string,
    value: string,
    change?: (id: string) => void,
  ): HTMLElement {
    const targets = this.document.graph.nodes.filter((node) => node.id !== from && node.kind !== "start");
    const options = targets.map((node) => ({ value: node.id, label: node.title || this.text("untitled") }));
    const blank = value ? [] : [{ value: "", label: this.text("choose") }];
    return this.select(id, label, [...blank, ...options], value, change ?? (() => {}));
  }

  private field(id: string, label: string, control: HTMLElement, help = ""): HTMLElement {
    return h(
      "div",
      { class: "branching-field" },
      h("label", { for: id }, label),
      control,
      help ? h("p", { class: "branching-help", id: `${id}-help` }, help) : null,
    );
  }

  private input(
    id: string,
    label: string,
    value: string,
    most: number,
    change: (v: string) => void,
    help = "",
  ): HTMLElement {
    const oninput = (event: Event): void => change((event.target as Input).value);
    const described = help ? `${id}-help` : null;
    const input = h("input", { id, type: "text", value, maxlength: most, "aria-describedby": described, oninput });
    return this.field(id, label, input, help);
  }

  private area(
    id: string,
    label: string,
    value: string,
    most: number,
    help: string,
    change: (v: string) => void,
  ): HTMLElement {
    const oninput = (event: Event): void => change((event.target as Input).value);
    const area = h("textarea", { id, rows: 3, maxlength: most, "aria-describedby": `${id}-help`, oninput }, value);
    return this.field(id, label, area, help);
  }

  private select(
    id: string,
    label: string,
    options: readonly Option[],
    value: string,
    change: (value: string) => void,
    help = "",
  ): HTMLElement {
    const onchange = (event: Event): void => change((event.target as Input).value);
    const rows = options.map((option) =>
      h("option", { value: option.value, selected: option.value === value }, option.label),
    );
    return this.field(
      id,
      label,
      h("select", { id, onchange, "aria-describedby": help ? `${id}-help` : null }, ...rows),
      help,
    );
  }
}
