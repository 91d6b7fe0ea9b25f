/** When a way is taken: conditions in words, and the fields that each kind of them asks for. */
import type { Condition, ConditionField, ConditionKind, Option, PageData } from "./graph";

export function kindOf(when: Condition, data: PageData): ConditionKind | undefined {
  return data.conditions.find(({ value }) => value === when.kind);
}

/** A condition of a kind with what its fields start with. */
export function fresh(kind: string, data: PageData): Condition {
  const fields = data.conditions.find(({ value }) => value === kind)?.fields ?? [];
  return { kind, ...Object.fromEntries(fields.map((field) => [field.name, field.default])) };
}

/** What can be chosen in a field; objections and pains are those of one persona, or of everybody in this scenario. */
export function optionsOf(field: ConditionField, data: PageData, persona: string | null): Option[] {
  const { from } = field;
  if (!from) return field.options ?? [];
  const people = data.personas.filter(({ key }) => persona === null || key === persona);
  return people.flatMap((each) =>
    each[from].map((option) => (people.length > 1 ? { ...option, label: `${each.name}: ${option.label}` } : option)),
  );
}

/** One line: “Asked questions: 3”. */
export function describe(when: Condition, data: PageData): string {
  const kind = kindOf(when, data);
  if (!kind) return String(when.kind);
  const values = kind.fields.map((field) => {
    const value = when[field.name];
    const found = optionsOf(field, data, null).find((option) => option.value === value)?.label ?? value;
    return found === undefined || found === "" ? "" : String(found);
  });
  const said = values.filter(Boolean).join(" · ");
  return said ? `${kind.label}: ${said}` : kind.label;
}
