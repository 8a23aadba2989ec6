import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LOCAL } from './address.ts'

/** Something that this machine has not */
export class MissingError extends Error {
  static override name = 'MissingError'
  override name = 'MissingError'
}

export interface NamespaceOptions {
  /** Is given what the program writes, in the place of this process's own output */
  onOutput? (text: string): void
}

const NEEDED = [
  { command: 'cc', what: 'a C compiler', install: 'apt-get install gcc libc6-dev' },
  { command: 'ip', what: 'the ip command', install: 'apt-get install iproute2' },
  { command: 'unshare', what: 'the unshare command', install: 'apt-get install util-linux' }
]

/** Why this machine cannot run anything in a network of its own, undefined: it can */
export function whatIsMissing (): string | undefined {
  const missing = NEEDED.find(({ command }) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error != null)

  if (missing != null) {
    return `needs ${missing.what}: ${missing.install}`
  }

  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    return 'needs /dev/net/tun, readable and writable: modprobe tun, and in a container --device /dev/net/tun'
  }

  return spawnSync('unshare', [...namespaces(), 'true'], { stdio: 'ignore' }).status === 0 ? undefined : 'may not make namespaces: in a container --cap-add SYS_ADMIN'
}

/**
 * Runs a program in namespaces of its own: in a network of which nothing can leave, and with its own process ids, so that
 * whatever it started ends with it. The path of the compiled mirror is its first argument.
 *
 * @returns its exit code
 * @throws MissingError
 */
export async function runInNamespace (program: URL, args: readonly string[], { onOutput }: NamespaceOptions = {}): Promise<number> {
  const missing = whatIsMissing()

  if (missing != null) {
    throw new MissingError(missing)
  }

  const folder = mkdtempSync(join(tmpdir(), 'network-'))
  const remove = (): void => { rmSync(folder, { recursive: true, force: true }) }
  process.once('exit', remove)

  const mirror = join(folder, 'mirror')
  execFileSync('cc', ['-O2', '-o', mirror, fileURLToPath(new URL('./mirror.c', import.meta.url))], { stdio: ['ignore', 'inherit', 'inherit'] })

  const child = spawn('unshare', [...namespaces(), process.execPath, fileURLToPath(program), mirror, ...args], { stdio: ['pipe', onOutput == null ? 'inherit' : 'pipe', 'inherit'] })
  child.stdout?.setEncoding('utf8').on('data', (text: string) => { onOutput?.(text) })

  // Ctrl-C reaches the child as well, and kill only this process: its stdin ends in either case
  const stop = (): void => { child.stdin?.end() }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)

  try {
    // 'close' comes after all of its output
    const [code] = await once(child, 'close') as [number | null]

    return code ?? 1
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop).off('exit', remove)
    remove()
  }
}

/** Gives the namespace its addresses, and routes everything else into the device */
export function setUpNetwork (device: string): void {
  ip('link set lo up')
  ip(`link set ${device} up mtu 1500 txqueuelen 10000`)
  ip(`addr add ${LOCAL.ip4}/32 dev ${device}`)
  ip(`route add default dev ${device} src ${LOCAL.ip4}`)
  ip(`-6 addr add ${LOCAL.ip6}/128 dev ${device} nodad`)
  ip(`-6 route add default dev ${device} src ${LOCAL.ip6}`)
  // or the kernel would know what a dialer before has learnt of an address
  writeFileSync('/proc/sys/net/ipv4/tcp_no_metrics_save', '1')
}

function ip (command: string): void {
  execFileSync('ip', command.split(' '), { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Only root may make them without a user namespace */
function namespaces (): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']

  return [...user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
}
