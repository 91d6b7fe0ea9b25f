/**
 * What somebody wrote and the server has not got: forms that wait to be sent, and drafts. In the browser's IndexedDB, each
 * with its owner, who is one person in one organisation. A browser that keeps nothing (some private windows) has none.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";

export type Fields = [name: string, value: string][];

export interface Waiting {
  /** The server's word against sending twice. */
  id: string;
  owner: string;
  url: string;
  fields: Fields;
  /** Which form it is (`path#name`), so that what was refused can be a draft again. */
  form: string;
  /** When it was written, milliseconds. */
  at: number;
}

export interface Draft {
  owner: string;
  form: string;
  fields: Fields;
  /** It went off with its form; the next page of ours says whether it arrived. */
  sent: boolean;
}

interface Schema extends DBSchema {
  waiting: { key: string; value: Waiting; indexes: { owner: string } };
  drafts: { key: [owner: string, form: string]; value: Draft; indexes: { owner: string } };
}

const NAME = "parley";
let opened: Promise<IDBPDatabase<Schema> | null> | null = null;

function database(): Promise<IDBPDatabase<Schema> | null> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("waiting", { keyPath: "id" }).createIndex("owner", "owner");
      db.createObjectStore("drafts", { keyPath: ["owner", "form"] }).createIndex("owner", "owner");
    },
  }).catch(() => null);
  return opened;
}

/** `organisation/person` of this page; empty where nobody is signed in. */
export function owner(): string {
  return document.body.dataset.owner ?? "";
}

/** False where the browser keeps nothing. */
export async function keepWaiting(item: Waiting): Promise<boolean> {
  const db = await database();
  await db?.put("waiting", item);
  return db !== null;
}

/** Oldest first. */
export async function waitingOf(whose: string): Promise<Waiting[]> {
  const items = (await (await database())?.getAllFromIndex("waiting", "owner", whose)) ?? [];
  return items.sort((one, other) => one.at - other.at);
}

export async function letGo(id: string): Promise<void> {
  await (await database())?.delete("waiting", id);
}

export async function keepDraft(draft: Draft): Promise<void> {
  await (await database())?.put("drafts", draft);
}

export async function draftOf(whose: string, form: string): Promise<Draft | undefined> {
  return (await database())?.get("drafts", [whose, form]);
}

export async function draftsOf(whose: string): Promise<Draft[]> {
  return (await (await database())?.getAllFromIndex("drafts", "owner", whose)) ?? [];
}

export async function dropDraft(whose: string, form: string): Promise<void> {
  await (await database())?.delete("drafts", [whose, form]);
}

/** What another person left on this device is not for the one who is here now. */
export async function forgetOthers(whose: string): Promise<void> {
  const db = await database();
  if (!db) return;
  const person = whose.split("/")[1] ?? "";
  const strange = ({ owner }: { owner: string }): boolean => owner.split("/")[1] !== person;
  for (const item of await db.getAll("waiting")) if (strange(item)) await db.delete("waiting", item.id);
  for (const draft of await db.getAll("drafts")) {
    if (strange(draft)) await db.delete("drafts", [draft.owner, draft.form]);
  }
}

export async function forgetEverything(): Promise<void> {
  (await database())?.close();
  opened = null;
  await deleteDB(NAME).catch(() => undefined);
}
