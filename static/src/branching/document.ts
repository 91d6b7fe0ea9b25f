/** The graph that is being edited: every change passes through here, so that all of it can be undone and shown. */
import type { Choice, Condition, Graph, GraphEdge, GraphNode, NodeKind } from "./graph";

/** What made the last change, so that a view need not redraw what its own user is typing into. */
export type Origin = "form" | "canvas" | "other";
type Listener = (origin: Origin) => void;

const MOST_STEPS = 200;
const STEP_X = 60;
const STEP_Y = 130;

function copy<T>(value: T): T {
  return structuredClone(value);
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const id = `${wanted}-${number}`;
    if (!taken.has(id)) return id;
  }
}

export class GraphDocument {
  private current: Graph;
  private saved: string;
  private readonly past: Graph[] = [];
  private readonly future: Graph[] = [];
  private readonly changed: Listener[] = [];
  private readonly chosen: (() => void)[] = [];
  /** Typing into one field is one step; this names the field of the newest step. */
  private typing = "";
  choice: Choice = null;

  constructor(graph: Graph) {
    this.current = copy(graph);
    this.saved = JSON.stringify(graph);
  }

  get graph(): Readonly<Graph> {
    return this.current;
  }

  get isDirty(): boolean {
    return JSON.stringify(this.current) !== this.saved;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  onChange(listener: Listener): void {
    this.changed.push(listener);
  }

  onChoice(listener: () => void): void {
    this.chosen.push(listener);
  }

  node(id: string): GraphNode | undefined {
    return this.current.nodes.find((node) => node.id === id);
  }

  edge(id: string): GraphEdge | undefined {
    return this.current.edges.find((edge) => edge.id === id);
  }

  /** The ways out of a node, in the order in which they are tried. */
  edgesFrom(id: string): GraphEdge[] {
    return this.current.edges.filter((edge) => edge.from === id);
  }

  choose(choice: Choice): void {
    if (choice?.id === this.choice?.id && choice?.type === this.choice?.type) return;
    this.choice = choice;
    this.typing = "";
    for (const listener of this.chosen) listener();
  }

  markSaved(graph: Graph): void {
    this.saved = JSON.stringify(graph);
    this.tell("other");
  }

  undo(): void {
    this.travel(this.past, this.future);
  }

  redo(): void {
    this.travel(this.future, this.past);
  }

  addNode(kind: NodeKind, title: string, place?: { x: number; y: number }): string {
    const id = freeId(kind, new Set(this.current.nodes.map((node) => node.id)));
    const { x, y } = place ?? this.freePlace();
    const node = { id, kind, title, persona: null, says: "", instructions: "", outcome: "", x, y };
    this.step((graph) => graph.nodes.push(node));
    this.choose({ type: "node", id });
    return id;
  }

  connect(from: string, to: string, when: Condition): string {
    const id = freeId("edge", new Set(this.current.edges.map((edge) => edge.id)));
    this.step((graph) => graph.edges.push({ id, from, to, when: copy(when), label: "" }));
    this.choose({ type: "edge", id });
    return id;
  }

  changeNode(id: string, changes: Partial<GraphNode>, origin: Origin = "other"): void {
    this.step((graph) => this.assign(graph.nodes, id, changes), origin, `node ${id} ${Object.keys(changes).join()}`);
  }

  changeEdge(id: string, changes: Partial<GraphEdge>, origin: Origin = "other"): void {
    this.step((graph) => this.assign(graph.edges, id, changes), origin, `edge ${id} ${Object.keys(changes).join()}`);
  }

  /** Put nodes elsewhere, all in one step. */
  place(places: ReadonlyMap<string, { x: number; y: number }>, origin: Origin = "other"): void {
    this.step((graph) => {
      for (const node of graph.nodes) Object.assign(node, places.get(node.id));
    }, origin);
  }

  /** Try a way out earlier (-1) or later (1) than its neighbour. */
  shift(id: string, by: -1 | 1): void {
    const edge = this.edge(id);
    if (!edge) return;
    const siblings = this.edgesFrom(edge.from);
    const other = siblings[siblings.indexOf(edge) + by];
    if (!other) return;
    this.step((graph) => {
      const here = graph.edges.findIndex((item) => item.id === id);
      const there = graph.edges.findIndex((item) => item.id === other.id);
      const [mine, theirs] = [graph.edges[here], graph.edges[there]];
      if (mine && theirs) [graph.edges[here], graph.edges[there]] = [theirs, mine];
    });
  }

  remove(choice: Choice): void {
    if (!choice) return;
    const { type, id } = choice;
    const left = type === "edge" ? this.edge(id)?.from : undefined;
    this.step((graph) => {
      if (type === "node") graph.nodes = graph.nodes.filter((node) => node.id !== id);
      const gone = (edge: GraphEdge): boolean =>
        type === "node" ? edge.from === id || edge.to === id : edge.id === id;
      graph.edges = graph.edges.filter((edge) => !gone(edge));
    });
    this.choose(left ? { type: "node", id: left } : null);
  }

  private assign<T extends { id: string }>(rows: T[], id: string, changes: Partial<T>): void {
    const row = rows.find((item) => item.id === id);
    if (row) Object.assign(row, copy(changes));
  }

  private freePlace(): { x: number; y: number } {
    const near = this.choice?.type === "node" ? this.node(this.choice.id) : this.current.nodes.at(-1);
    const place = near ? { x: near.x, y: near.y + STEP_Y } : { x: STEP_X, y: STEP_X };
    while (this.current.nodes.some((node) => Math.abs(node.x - place.x) < STEP_X && Math.abs(node.y - place.y) < 60)) {
      place.x += STEP_X * 4;
    }
    return place;
  }

  /** One change. `typing` names the field where it comes from one: the next change of the same field joins this step. */
  private step(change: (graph: Graph) => void, origin: Origin = "other", typing = ""): void {
    const before = copy(this.current);
    change(this.current);
    if (JSON.stringify(before) === JSON.stringify(this.current)) return;
    if (!typing || typing !== this.typing) {
      this.past.push(before);
      if (this.past.length > MOST_STEPS) this.past.shift();
    }
    this.typing = typing;
    this.future.length = 0;
    this.tell(origin);
  }

  private travel(from: Graph[], to: Graph[]): void {
    const target = from.pop();
    if (!target) return;
    to.push(this.current);
    this.current = target;
    this.typing = "";
    const gone = this.choice?.type === "node" ? !this.node(this.choice.id) : this.choice && !this.edge(this.choice.id);
    if (gone) this.choose(null);
    this.tell("other");
  }

  private tell(origin: Origin): void {
    for (const listener of this.changed) listener(origin);
  }
}
