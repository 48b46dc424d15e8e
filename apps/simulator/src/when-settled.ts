/** Taken before anything can replace it; how promise reactions are waited for is the driver's own business. */
const nextTick = process.nextTick.bind(process);
/** A reaction to it is as cheap a way into the line of promise reactions as there is. */
const ready = Promise.resolve();

/**
 * Calls back when every promise reaction that is ready, and all that they cause, have run. Ticks of the process come only after the
 * last reaction, so a tick asked for from within the reactions is such a moment; a turn of the event loop is one too, at several times
 * the price.
 *
 * `ticks`: counts what is done in ticks. Such a tick may still be to come when ours does, and causes reactions of its own; when two
 * rounds have passed without one, there is none.
 */
export function whenSettled(callback: () => void, ticks?: () => number): void {
  if (ticks === undefined) afterReactions(callback);
  else afterQuietRounds(2, callback, ticks);
}

function afterQuietRounds(rounds: number, callback: () => void, ticks: () => number): void {
  let quiet = 0;
  let seen = ticks();
  const look = (): void => {
    const now = ticks();
    quiet = now === seen ? quiet + 1 : 0;
    seen = now;
    if (quiet === rounds) callback();
    else afterReactions(look);
  };
  afterReactions(look);
}

function afterReactions(callback: () => void): void {
  void ready.then(() => nextTick(callback));
}
