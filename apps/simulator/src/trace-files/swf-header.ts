/** The header comments of a workload file that say something about it: `; Label: value`. */
const told = ['Computer', 'Installation', 'MaxJobs', 'MaxProcs', 'StartTime', 'EndTime'] as const;

/** Collects what a workload file says about itself. */
export class SwfHeader {
  readonly #values = new Map<string, string>();

  /** Takes one comment line, the semicolon included. */
  add(comment: string): void {
    const match = /^;\s*([A-Za-z]+):\s*(.+)$/.exec(comment);
    const [, label = '', value = ''] = match ?? [];
    if (told.some((name) => name === label) && !this.#values.has(label)) this.#values.set(label, value.trim());
  }

  remarks(): readonly string[] {
    return [...this.#values].map(([label, value]) => `${label}: ${value}`);
  }
}
