/** What user data is made of. */
export interface UserDataParts {
  /** One for each VM of the call, in order. */
  readonly initCommands: readonly string[];
  /** OpenSSH public key; empty: none is put anywhere. */
  readonly authorizedKey: string;
  /** Gets the key if the image has this account. */
  readonly adminUsername: string;
}

/**
 * The script that a VM runs once at first boot. All VMs of one RunInstances call get the same, so where their commands differ it
 * asks for the VM's number in the call, as AWS's user guide proposes (ami-launch-index), and never guesses: without the number it
 * ends with an error. The commands of the others can be read by root on each VM of the call; a secret in them proves who a VM is
 * once, at its first connection, and only where the cloud has not yet published host keys.
 */
export function writeUserData({ initCommands, authorizedKey, adminUsername }: UserDataParts): string {
  const key = authorizedKey === '' ? [] : keyLines(authorizedKey, adminUsername);
  const [first = ''] = initCommands;
  const commands = initCommands.every((command) => command === first) ? [first] : choiceLines(initCommands);
  return ['#!/bin/sh', ...key, ...commands, ''].join('\n');
}

/** EC2's own key pair reaches the image's default account only. */
function keyLines(authorizedKey: string, user: string): readonly string[] {
  return [
    `h=$(getent passwd ${user} | cut -d: -f6)`,
    `if [ -n "$h" ]; then k=${quote(authorizedKey.trim())}; f=$h/.ssh/authorized_keys`,
    `install -d -m 700 -o ${user} -g "$(id -gn ${user})" "$h/.ssh"`,
    `grep -qxF "$k" "$f" 2>/dev/null || { echo "$k" >>"$f"; chmod 600 "$f"; chown "${user}:$(id -gn ${user})" "$f"; }`,
    'fi',
  ];
}

/** Commands of a batch are alike but for a short middle, so the rest is written once. */
function choiceLines(commands: readonly string[]): readonly string[] {
  // By characters, not by halves of them.
  const texts = commands.map((command) => Array.from(command));
  const before = commonStart(texts);
  const rests = texts.map((text) => text.slice(before.length));
  const after = commonStart(rests.map((rest) => rest.toReversed())).toReversed();
  const middles = rests.map((rest) => rest.slice(0, rest.length - after.length).join(''));
  return [
    ...indexLines,
    'case $i in',
    ...middles.map((middle, index) => `${index}) m=${quote(middle)};;`),
    '*) echo "drover: this VM does not know its number" >&2; exit 1;;',
    'esac',
    `b=${quote(before.join(''))}`,
    `a=${quote(after.join(''))}`,
    'eval "$b$m$a"',
  ];
}

/** The metadata service may need a moment; images without curl have cloud-init's copy of it. */
const indexLines = [
  'u=http://169.254.169.254/latest',
  'for n in 1 2 3 4 5 6 7 8 9 10; do',
  "t=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $u/api/token)",
  'i=$(curl -sf -m 5 -H "X-aws-ec2-metadata-token: $t" $u/meta-data/ami-launch-index)',
  '[ -n "$i" ] || i=$(cloud-init query --format \'{{ ds.meta_data.ami_launch_index }}\' 2>/dev/null)',
  '[ -z "$i" ] || break; sleep 1',
  'done',
];

function commonStart(texts: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = texts;
  const end = first.findIndex((character, index) => texts.some((text) => text[index] !== character));
  return end < 0 ? first : first.slice(0, end);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
