/** Arrange a graph from top to bottom, so that what follows stands below what came before. */
import { Graph as Dagre, layout } from "@dagrejs/dagre";
import type { Graph } from "./graph";

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 72;
const MARGIN = 40;

export function arranged(graph: Readonly<Graph>): Map<string, { x: number; y: number }> {
  const dagre = new Dagre({ multigraph: true });
  dagre.setGraph({ rankdir: "TB", nodesep: 60, ranksep: 110, marginx: MARGIN, marginy: MARGIN });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) dagre.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of graph.edges) {
    if (dagre.hasNode(edge.from) && dagre.hasNode(edge.to)) dagre.setEdge(edge.from, edge.to, {}, edge.id);
  }
  layout(dagre);
  return new Map(
    graph.nodes.map(({ id }) => {
      const { x, y } = dagre.node(id) as { x: number; y: number };
      return [id, { x: Math.round(x - NODE_WIDTH / 2), y: Math.round(y - NODE_HEIGHT / 2) }];
    }),
  );
}
