/** A timer that waits in a heap. */
export interface HeapTimer {
  readonly atMs: number;
  /** Smaller goes first among those of one instant. */
  readonly tieBreak: number;
  readonly callback: () => void;
  /** Where it is in the heap; −1: nowhere. The heap's own. */
  index: number;
}

/**
 * Timers by time and tie-break. One that is cancelled leaves at once: most are deadlines that never come, and would
 * otherwise make up most of the heap.
 */
export class TimerHeap {
  readonly #heap: HeapTimer[] = [];

  /** The next one due. */
  get first(): HeapTimer | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  push(timer: HeapTimer): void {
    this.#heap.push(timer);
    this.#up(timer, this.#heap.length - 1);
  }

  pop(): HeapTimer | undefined {
    const top = this.#heap[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Takes it out; nothing happens when it is not in. */
  remove(timer: HeapTimer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    const parent = index > 0 ? this.#heap[(index - 1) >> 1] : undefined;
    if (parent !== undefined && isBefore(last, parent)) this.#up(last, index);
    else this.#down(last, index);
  }

  /** Puts a timer where it belongs between this place and the top. */
  #up(timer: HeapTimer, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    heap[index] = timer;
    timer.index = index;
  }

  /** Puts a timer where it belongs between this place and the leaves. */
  #down(timer: HeapTimer, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isBefore(child, timer)) break;
      heap[index] = child;
      child.index = index;
      index = childIndex;
    }
    heap[index] = timer;
    timer.index = index;
  }
}

function isBefore(a: HeapTimer, b: HeapTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tieBreak < b.tieBreak);
}
