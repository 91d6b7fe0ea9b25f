/** The editor of a branching scenario: a drawing, the same as a list, a form for what is chosen, checks, and saving. */
import { pageData } from "../api";
import "../branching/branching.css";
import { Canvas } from "../branching/canvas";
import { Checks } from "../branching/checks";
import { fresh } from "../branching/conditions";
import { GraphDocument } from "../branching/document";
import { h, part } from "../branching/dom";
import { SideForm } from "../branching/form";
import { type Choice, fill, type KindChoice, type PageData, type Problem } from "../branching/graph";
import { arranged } from "../branching/layout";
import { Outline } from "../branching/outline";
import { Saving } from "../branching/saving";

const DRAGGED = "application/x-parley-node";

const data = pageData<PageData>("branching-data");
const root = part<HTMLElement>(document, "[data-branching]");
const graph = new GraphDocument(data.graph ?? { nodes: [], edges: [] });

const form = new SideForm(part(root, "[data-form]"), graph, data);
const canvas = new Canvas(part(root, "[data-canvas]"), graph, data, {
  open: () => form.focus(),
  newWay: (from, to) => {
    const first = graph.edgesFrom(from).length === 0;
    const kind = first ? "always" : data.conditions.find(({ value }) => value !== "always")?.value;
    graph.connect(from, to, fresh(kind ?? "always", data));
  },
});
const outline = new Outline(part(root, "[data-outline]"), graph, data, open);
const saving = new Saving(
  {
    button: part(root, "[data-save]"),
    status: part(root, "[data-save-status]"),
    conflict: part(root, "[data-conflict]"),
  },
  graph,
  data,
);
new Checks(
  {
    problems: part(root, "[data-problems]"),
    status: part(root, "[data-check-status]"),
    text: part(root, "[data-text]"),
  },
  graph,
  data,
  mark,
  open,
);

/** Choose something, show it in the drawing, and go on in its form. */
function open(choice: Choice): void {
  graph.choose(choice);
  if (choice) canvas.reveal(choice);
  form.focus();
}

function mark(problems: readonly Problem[]): void {
  canvas.markBroken(problems);
  outline.setProblems(problems);
}

function titleOf(kind: KindChoice): string {
  const count = graph.graph.nodes.filter((node) => node.kind === kind.value).length;
  return count ? fill(data.texts.anotherTitle ?? "", { kind: kind.label, number: count + 1 }) : kind.label;
}

function paletteButton(kind: KindChoice): HTMLElement {
  const add = (): void => {
    const from = graph.choice?.type === "node" ? graph.choice.id : undefined;
    const id = graph.addNode(kind.value, titleOf(kind));
    canvas.reveal({ type: "node", id });
    if (from) part(root, "[data-said]").textContent = fill(data.texts.added ?? "", { title: kind.label });
    form.focus();
  };
  return h(
    "button",
    {
      type: "button",
      class: "authoring-button branching-kind",
      "data-kind": kind.value,
      title: kind.help,
      draggable: "true",
      onclick: add,
      ondragstart: (event) => (event as DragEvent).dataTransfer?.setData(DRAGGED, kind.value),
    },
    kind.label,
  );
}

function drop(event: DragEvent): void {
  const kind = data.kinds.find(({ value }) => value === event.dataTransfer?.getData(DRAGGED));
  if (!kind) return;
  event.preventDefault();
  graph.addNode(kind.value, titleOf(kind), canvas.placeAt(event.clientX, event.clientY));
}

/** The buttons above the drawing, by the name in `data-do`. */
const ACTIONS: Record<string, () => void> = {
  undo: () => graph.undo(),
  redo: () => graph.redo(),
  arrange: () => {
    graph.place(arranged(graph.graph));
    canvas.fit();
  },
  fit: () => canvas.fit(),
  closer: () => canvas.zoom(1),
  farther: () => canvas.zoom(-1),
};

function showActions(): void {
  part<HTMLButtonElement>(root, "[data-do=undo]").disabled = !graph.canUndo;
  part<HTMLButtonElement>(root, "[data-do=redo]").disabled = !graph.canRedo;
  const full = graph.graph.nodes.length >= data.limits.nodes;
  const started = graph.graph.nodes.some(({ kind }) => kind === "start");
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-palette] button")) {
    button.disabled = full || (button.dataset.kind === "start" && started);
  }
  part(root, "[data-empty]").hidden = graph.graph.nodes.length > 0;
}

function pressed(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "s") void saving.save();
  else if (key === "z" && !event.shiftKey) graph.undo();
  else if (key === "y" || (key === "z" && event.shiftKey)) graph.redo();
  else return;
  event.preventDefault();
}

if (data.editable) part(root, "[data-palette]").append(...data.kinds.map(paletteButton));
for (const button of root.querySelectorAll<HTMLButtonElement>("[data-do]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.do ?? ""]?.());
}
const area = part(root, "[data-canvas]");
area.addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes(DRAGGED)) event.preventDefault();
});
area.addEventListener("drop", drop);
if (data.editable) document.addEventListener("keydown", pressed);
graph.onChange(showActions);
showActions();
canvas.fit();
root.dataset.ready = "true";
