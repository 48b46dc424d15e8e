/**
 * Asked whenever a fault is about to strike that was drawn by chance; false: not this time. The draws themselves go on as before, so
 * that a strike that is left out shifts no other.
 */
export type StrikeGate = (fault: string) => boolean;
