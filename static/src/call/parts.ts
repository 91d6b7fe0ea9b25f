/** Elements of the room by their `data-part`. */
export class Parts {
  constructor(private readonly root: ParentNode) {}

  find<T extends HTMLElement = HTMLElement>(name: string): T | null {
    return this.root.querySelector<T>(`[data-part="${name}"]`);
  }

  /** Throws when the template has no such part. */
  get<T extends HTMLElement = HTMLElement>(name: string): T {
    const element = this.find<T>(name);
    if (!element) throw new Error(`The room has no part called ${name}.`);
    return element;
  }
}
