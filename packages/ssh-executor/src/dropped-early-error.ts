import { ConnectError } from '@drover/spec';

/**
 * The server accepted the TCP connection and ended it before the key exchange: what sshd does with those that are too
 * many (MaxStartups).
 */
export class DroppedEarlyError extends ConnectError {}
