/** The drawing: nodes that are dragged and joined by mouse or finger, and that the keyboard reaches and moves.
 *  It shows a `GraphDocument` and hands everything that is done in it back there. */
import { dia, shapes, util } from "@joint/core";
import { describe } from "./conditions";
import type { GraphDocument } from "./document";
import { type Choice, fill, type GraphEdge, type GraphNode, type NodeKind, type PageData, type Problem } from "./graph";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

const GRID = 10;
const SPREAD = 34;
const NEAREST_TO = 1.5;
const FARTHEST = 0.25;
const ZOOM_STEP = 1.2;
const LONGEST_LABEL = 38;
const PADDING = 40;
// Where the labels of neighbouring edges stand, as parts of their way.
const MIDDLE = 0.5;
const LABELS = [0.2, MIDDLE, 0.8];

class Step extends dia.Element {
  override defaults(): Partial<dia.Element.Attributes> {
    const words = { textAnchor: "middle", textVerticalAnchor: "middle", x: "calc(w/2)" };
    return {
      ...super.defaults,
      type: "parley.Step",
      size: { width: NODE_WIDTH, height: NODE_HEIGHT },
      attrs: {
        body: { width: "calc(w)", height: "calc(h)", rx: 10 },
        kind: { ...words, y: 16 },
        title: { ...words, y: "calc(h/2+4)", textWrap: { width: "calc(w-24)", maxLineCount: 1, ellipsis: true } },
        who: { ...words, y: "calc(h-13)", textWrap: { width: "calc(w-24)", maxLineCount: 1, ellipsis: true } },
        mark: { cx: "calc(w-4)", cy: 4, r: 9 },
        markText: { ...words, x: "calc(w-4)", y: 4.5, text: "!" },
        out: { cx: "calc(w/2)", cy: "calc(h)", r: 9, magnet: true },
      },
    };
  }

  override preinitialize(): void {
    this.markup = util.svg`
      <rect @selector="body" class="step-body"/>
      <text @selector="kind" class="step-kind"/>
      <text @selector="title" class="step-title"/>
      <text @selector="who" class="step-who"/>
      <circle @selector="mark" class="step-mark"/>
      <text @selector="markText" class="step-mark step-mark-text" aria-hidden="true"/>
      <circle @selector="out" class="step-out"/>`;
  }
}

// A node and a way may have the same id; cells of a drawing may not.
const cellId = (element: string, id: string): string => `${element}:${id}`;
const ownId = (cell: dia.Cell.ID): string => String(cell).replace(/^[a-z]+:/, "");

function shortened(text: string): string {
  return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
}

interface Doing {
  /** Enter on a node: go on in its form. */
  open(): void;
  newWay(from: string, to: string): void;
}

export class Canvas {
  private readonly cells = new dia.Graph({}, { cellNamespace: { ...shapes, parley: { Step } } });
  private readonly paper: dia.Paper;
  private broken: ReadonlySet<string> = new Set();

  constructor(
    private readonly host: HTMLElement,
    private readonly document: GraphDocument,
    private readonly data: PageData,
    private readonly doing: Doing,
  ) {
    const place = host.appendChild(globalThis.document.createElement("div"));
    this.paper = new dia.Paper({
      el: place,
      model: this.cells,
      cellViewNamespace: { ...shapes, parley: { Step } },
      width: "100%",
      height: "100%",
      gridSize: GRID,
      async: false,
      clickThreshold: 4,
      magnetThreshold: 4,
      moveThreshold: 4,
      snapLinks: { radius: 40 },
      linkPinning: false,
      markAvailable: true,
      interactive: data.editable ? { linkMove: false, labelMove: false } : false,
      defaultLink: () => this.newLink(),
      defaultConnectionPoint: { name: "boundary" },
      validateMagnet: (view) => data.editable && this.kindOf(view) !== "end",
      validateConnection: (source, _from, target) =>
        source !== target && !target.model.isLink() && this.kindOf(target) !== "start",
    });
    this.listen();
    document.onChange((origin) => this.show(origin === "canvas"));
    document.onChoice(() => this.showChoice());
    this.show();
  }

  /** Mark what the server found broken. */
  markBroken(problems: readonly Problem[]): void {
    this.broken = new Set(problems.map(({ element, id }) => cellId(element, id)));
    this.showChoice();
  }

  fit(): void {
    if (!this.document.graph.nodes.length) return;
    this.paper.transformToFitContent({ padding: PADDING, maxScale: 1, minScale: FARTHEST, horizontalAlign: "middle" });
  }

  zoom(by: 1 | -1): void {
    const { width, height } = this.host.getBoundingClientRect();
    this.zoomAround(by > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, width / 2, height / 2);
  }

  /** Bring a node or way into sight. */
  reveal(choice: NonNullable<Choice>): void {
    const view = this.viewOf(cellId(choice.type, choice.id));
    if (!view) return;
    const box = this.paper.localToPaperRect(view.model.getBBox());
    const { width, height } = this.host.getBoundingClientRect();
    if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height) {
      const { tx, ty } = this.paper.translate();
      this.paper.translate(tx + width / 2 - box.center().x, ty + height / 2 - box.center().y);
    }
  }

  placeAt(clientX: number, clientY: number): { x: number; y: number } {
    const { x, y } = this.paper.clientToLocalPoint(clientX, clientY);
    const onGrid = (value: number): number => Math.round(value / GRID) * GRID;
    return { x: onGrid(x - NODE_WIDTH / 2), y: onGrid(y - NODE_HEIGHT / 2) };
  }

  // -- drawing ----------------------------------------------------------------------------------------------------------

  private show(moved = false): void {
    const { nodes, edges } = this.document.graph;
    const wanted = new Set([
      ...nodes.map(({ id }) => cellId("node", id)),
      ...edges.map(({ id }) => cellId("edge", id)),
    ]);
    for (const cell of this.cells.getCells()) if (!wanted.has(String(cell.id))) cell.remove();
    for (const node of nodes) this.showNode(node, moved);
    for (const edge of edges) this.showEdge(edge);
    this.showChoice();
  }

  private showNode(node: GraphNode, moved: boolean): void {
    let cell = this.cells.getCell(cellId("node", node.id)) as dia.Element | undefined;
    if (!cell) {
      cell = new Step({ id: cellId("node", node.id) });
      this.cells.addCell(cell);
    }
    if (!moved) cell.position(node.x, node.y);
    const kind = this.kindLabel(node.kind);
    cell.attr({
      // Its name is what is written in it; the blank keeps the words apart for who hears it.
      kind: { text: `${kind} ` },
      title: { text: `${node.title || (this.data.texts.untitled ?? "")} ` },
      who: { text: this.speaker(node) },
      out: { visibility: node.kind === "end" || !this.data.editable ? "hidden" : "visible" },
    });
    const element = cell.findView(this.paper).el as SVGElement;
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.dataset.node = node.id;
    element.dataset.kind = node.kind;
  }

  private showEdge(edge: GraphEdge): void {
    if (!this.document.node(edge.from) || !this.document.node(edge.to)) return;
    let cell = this.cells.getCell(cellId("edge", edge.id)) as dia.Link | undefined;
    if (!cell) {
      cell = this.newLink();
      cell.set("id", cellId("edge", edge.id));
    }
    const text = shortened(edge.label || describe(edge.when, this.data));
    const siblings = this.document.edgesFrom(edge.from);
    // From left to right as their other ends stand, so that edges of one node do not cross each other.
    const leaving = this.fromLeft(siblings, "to");
    const arriving = this.fromLeft(
      this.document.graph.edges.filter((other) => other.to === edge.to),
      "from",
    );
    const spread = (rows: GraphEdge[]): number => (rows.indexOf(edge) - (rows.length - 1) / 2) * SPREAD;
    const first = siblings.length > 1 ? `${siblings.indexOf(edge) + 1}. ` : "";
    // What leads back up goes round the side.
    const back = (this.document.node(edge.to)?.y ?? 0) <= (this.document.node(edge.from)?.y ?? 0);
    const [out, into] = back ? ["right", "right"] : ["bottom", "top"];
    const along = (rows: GraphEdge[]): object => (back ? { dy: spread(rows) / 4 } : { dx: spread(rows) });
    cell.set({
      source: { id: cellId("node", edge.from), anchor: { name: out, args: along(leaving) } },
      target: { id: cellId("node", edge.to), anchor: { name: into, args: along(arriving) } },
    });
    cell.connector("curve", { sourceDirection: back ? "right" : "down", targetDirection: back ? "right" : "up" });
    // Labels of neighbours stand at different heights, so that they do not cover each other.
    const distance = leaving.length > 1 ? (LABELS[leaving.indexOf(edge) % LABELS.length] ?? MIDDLE) : MIDDLE;
    cell.labels([{ attrs: { text: { text: first + text } }, position: distance }]);
    if (!cell.graph) this.cells.addCell(cell);
    (cell.findView(this.paper).el as SVGElement).dataset.edge = edge.id;
  }

  private fromLeft(rows: GraphEdge[], end: "from" | "to"): GraphEdge[] {
    const x = (edge: GraphEdge): number => this.document.node(edge[end])?.x ?? 0;
    return [...rows].sort((one, other) => x(one) - x(other));
  }

  private newLink(): dia.Link {
    return new shapes.standard.Link({
      attrs: {
        line: { stroke: "currentColor", strokeWidth: 2, targetMarker: { type: "path", d: "M 9 -5 0 0 9 5 z" } },
      },
      connector: { name: "curve" },
    });
  }

  private showChoice(): void {
    const { nodes, edges } = this.document.graph;
    const { choice } = this.document;
    const chosen = choice && cellId(choice.type, choice.id);
    for (const id of [
      ...nodes.map((node) => cellId("node", node.id)),
      ...edges.map((edge) => cellId("edge", edge.id)),
    ]) {
      const element = this.viewOf(id)?.el as SVGElement | undefined;
      element?.classList.toggle("is-chosen", id === chosen);
      element?.classList.toggle("is-broken", this.broken.has(id));
    }
    for (const node of nodes) {
      const cell = cellId("node", node.id);
      const element = this.viewOf(cell)?.el as SVGElement | undefined;
      const name = fill(this.data.texts.nodeName ?? "", {
        title: node.title || (this.data.texts.untitled ?? ""),
        kind: this.kindLabel(node.kind),
        count: this.document.edgesFrom(node.id).length,
      });
      element?.setAttribute("aria-description", this.broken.has(cell) ? `${name} ${this.data.texts.brokenName}` : name);
      element?.setAttribute("aria-pressed", String(cell === chosen));
    }
  }

  // -- what is done in it -----------------------------------------------------------------------------------------------

  private listen(): void {
    this.paper.on("element:pointerclick", (view: dia.ElementView) => this.choose("node", view));
    this.paper.on("link:pointerclick", (view: dia.LinkView) => this.choose("edge", view));
    this.paper.on("blank:pointerclick", () => this.document.choose(null));
    this.paper.on("element:pointerup", (view: dia.ElementView) => this.keepPlace(view));
    this.paper.on("link:connect", (view: dia.LinkView) => {
      const { source, target } = view.model.attributes as { source: { id: string }; target: { id: string } };
      view.model.remove();
      this.doing.newWay(ownId(source.id), ownId(target.id));
    });
    this.paper.on("blank:pointerdown", (event: dia.Event) => this.pan(event));
    this.paper.on("paper:pinch", (event: dia.Event, x: number, y: number, scale: number) => {
      event.preventDefault();
      const at = this.paper.localToPaperPoint(x, y);
      this.zoomAround(scale, at.x, at.y);
    });
    this.host.addEventListener("keydown", (event) => this.pressed(event));
  }

  private choose(type: "node" | "edge", view: dia.CellView): void {
    this.document.choose({ type, id: ownId(view.model.id) });
  }

  private keepPlace(view: dia.ElementView): void {
    const { x, y } = view.model.position();
    const node = this.document.node(ownId(view.model.id));
    if (node && (node.x !== x || node.y !== y)) this.document.place(new Map([[node.id, { x, y }]]), "canvas");
  }

  private pan(event: dia.Event): void {
    const start = { x: event.clientX ?? 0, y: event.clientY ?? 0, ...this.paper.translate() };
    const move = (now: PointerEvent): void => {
      this.paper.translate(start.tx + now.clientX - start.x, start.ty + now.clientY - start.y);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
  }

  private zoomAround(by: number, x: number, y: number): void {
    const old = this.paper.scale().sx;
    const scale = Math.min(NEAREST_TO, Math.max(FARTHEST, old * by));
    const { tx, ty } = this.paper.translate();
    this.paper.scale(scale);
    this.paper.translate(x - ((x - tx) * scale) / old, y - ((y - ty) * scale) / old);
  }

  private pressed(event: KeyboardEvent): void {
    const id = (event.target as Element).closest<SVGElement>("[data-node]")?.dataset.node;
    const node = id ? this.document.node(id) : undefined;
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
    };
    const move = moves[event.key];
    if (move && this.data.editable) {
      const far = GRID * (event.shiftKey ? 4 : 1);
      this.document.place(new Map([[node.id, { x: node.x + move[0] * far, y: node.y + move[1] * far }]]));
      this.reveal({ type: "node", id: node.id });
    } else if (event.key === "Enter" || event.key === " ") {
      this.document.choose({ type: "node", id: node.id });
      this.doing.open();
    } else if ((event.key === "Delete" || event.key === "Backspace") && this.data.editable) {
      this.document.remove({ type: "node", id: node.id });
    } else {
      return;
    }
    event.preventDefault();
  }

  // -- words ------------------------------------------------------------------------------------------------------------

  private kindLabel(kind: NodeKind): string {
    return this.data.kinds.find(({ value }) => value === kind)?.label ?? kind;
  }

  private speaker(node: GraphNode): string {
    if (node.kind === "end") {
      return this.data.outcomes.find(({ value }) => value === node.outcome)?.label ?? node.outcome;
    }
    const key = node.persona ?? (node.kind === "start" ? "" : this.data.persona);
    return this.data.personas.find((persona) => persona.key === key)?.name ?? key;
  }

  private kindOf(view: dia.CellView): NodeKind | undefined {
    return this.document.node(ownId(view.model.id))?.kind;
  }

  private viewOf(id: string): dia.CellView | undefined {
    return this.cells.getCell(id)?.findView(this.paper);
  }
}
