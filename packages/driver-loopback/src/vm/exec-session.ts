import { type ChildProcess, spawn } from 'node:child_process';
import type { ServerChannel, Session } from 'ssh2';

/** Serves one SSH session: one command, its input, its end and signals to it, as sshd does without a terminal. */
export function serveSession(session: Session, root: string): void {
  let child: ChildProcess | undefined;
  session.on('exec', (accept, _reject, { command }) => {
    child = runCommand(accept(), command, root);
  });
  session.on('signal', (accept, reject, { name }) => {
    const sent = child !== undefined && signalGroup(child, name);
    // ssh2 gives no functions when the client wants no reply.
    const reply: (() => unknown) | undefined = sent ? accept : reject;
    reply?.();
  });
}

/** Exit code for a command that could not be started, as shells have it. */
const notStarted = 126;

function runCommand(channel: ServerChannel, command: string, root: string): ChildProcess | undefined {
  const child = startCommand(command, root);
  channel.on('error', () => channel.destroy());
  if (child === undefined) {
    refuse(channel);
    return undefined;
  }
  child.on('exit', (code, signal) => {
    if (code === null) channel.exit(signal ?? 'SIGKILL', false, '');
    else channel.exit(code);
  });
  child.on('error', () => refuse(channel));
  joinStreams(channel, child);
  return child;
}

/** Undefined when the VM has run out of something. */
function startCommand(command: string, root: string): ChildProcess | undefined {
  try {
    // A session of its own, as under sshd: signals reach all of it, and it outlives the connection.
    return spawn('/bin/sh', ['-c', command], { cwd: root, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch {
    return undefined;
  }
}

function refuse(channel: ServerChannel): void {
  channel.stderr.write('the command could not be started\n');
  channel.exit(notStarted);
  channel.end();
}

function joinStreams(channel: ServerChannel, child: ChildProcess): void {
  const { stdin, stdout, stderr } = child;
  // Node makes no streams when it is out of file descriptors; an error follows.
  if (!stdin || !stdout || !stderr) return;
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  // The command may close its input before the client has sent all of it.
  stdin.on('error', () => channel.unpipe(stdin).resume());
  channel.on('close', () => {
    stdin.end();
    // A command that still writes to a connection that is gone gets EPIPE, as under sshd.
    stdout.destroy();
    stderr.destroy();
  });
  // Only now has everything that the command wrote gone into the channel.
  child.on('close', () => channel.end());
}

function signalGroup(child: ChildProcess, name: string): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  if (!isSignal(name)) return false;
  try {
    process.kill(-child.pid, `SIG${name}`);
    return true;
  } catch {
    return false;
  }
}

const signals = ['HUP', 'INT', 'QUIT', 'ABRT', 'ALRM', 'KILL', 'PIPE', 'TERM', 'USR1', 'USR2'] as const;

function isSignal(name: string): name is (typeof signals)[number] {
  return signals.some((signal) => signal === name);
}
