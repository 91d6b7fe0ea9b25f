/** The shapes that the branching editor and the server exchange. The graph's own shape is `scenarios/branching`'s. */

export type NodeKind = "start" | "gatekeeper" | "buyer" | "stage" | "end";

export interface GraphNode {
  id: string;
  kind: NodeKind;
  title: string;
  persona: string | null;
  says: string;
  instructions: string;
  outcome: string;
  x: number;
  y: number;
}

export interface Condition {
  kind: string;
  [field: string]: unknown;
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  when: Condition;
  label: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** What is chosen: a node or an edge by its id, or nothing. */
export type Choice = { type: "node" | "edge"; id: string } | null;

/** What the server finds wrong with a node, an edge, or the whole graph (then `id` is empty). */
export interface Problem {
  element: "graph" | "node" | "edge";
  id: string;
  code: string;
  message: string;
}

export interface Option {
  value: string;
  label: string;
}

/** One more thing that a condition needs: a number, a text, or a choice. `personas` gives other choices by persona. */
export interface ConditionField {
  name: string;
  label: string;
  type: "number" | "text" | "choice";
  help: string;
  default: string | number;
  least?: number;
  most?: number;
  options?: Option[];
  /** Which list of the persona who speaks in the edge's source the choices come from. */
  from?: "objections" | "pains";
}

export interface ConditionKind extends Option {
  help: string;
  fields: ConditionField[];
}

export interface PersonaChoice {
  key: string;
  name: string;
  objections: Option[];
  pains: Option[];
}

export interface KindChoice extends Option {
  value: NodeKind;
  help: string;
}

export interface PageData {
  graph: Graph | null;
  revision: number;
  editable: boolean;
  urls: { check: string; save: string; preview: string };
  /** The scenario's own persona: who speaks where a node names nobody. */
  persona: string;
  personas: PersonaChoice[];
  kinds: KindChoice[];
  conditions: ConditionKind[];
  outcomes: Option[];
  limits: { nodes: number; edges: number; title: number; line: number; text: number };
  texts: Record<string, string>;
}

/** A text of the page's language; `{name}` is filled in. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
