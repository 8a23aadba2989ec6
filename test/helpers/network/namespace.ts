import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LOCAL } from './address.ts'

/** The error of a machine that lacks a requirement */
export class MissingError extends Error {
  static override name = 'MissingError'
  override name = 'MissingError'
}

export interface NamespaceOptions {
  /** Called with the output of the program. Default: the output goes to this process's own */
  onOutput? (text: string): void
}

const NEEDED = [
  { command: 'cc', what: 'a C compiler', install: 'apt-get install gcc libc6-dev' },
  { command: 'ip', what: 'the ip command', install: 'apt-get install iproute2' },
  { command: 'unshare', what: 'the unshare command', install: 'apt-get install util-linux' }
]

/** Returns why this machine cannot create network namespaces. Undefined: it can */
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
 * Runs a program in its own namespaces: no packet leaves its network, and the processes that it starts end with it. Its first argument is the path
 * of the compiled mirror
 *
 * @returns the exit code
 * @throws MissingError if the machine lacks a requirement
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

  // Ctrl-C also reaches the child, but kill reaches only this process: closing its stdin ends the child in both cases
  const stop = (): void => { child.stdin?.end() }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)

  try {
    // 'close' fires after all output has arrived
    const [code] = await once(child, 'close') as [number | null]

    return code ?? 1
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop).off('exit', remove)
    remove()
  }
}

/** Assigns the addresses of the namespace, and routes all other traffic into the device */
export function setUpNetwork (device: string): void {
  ip('link set lo up')
  ip(`link set ${device} up mtu 1500 txqueuelen 10000`)
  ip(`addr add ${LOCAL.ip4}/32 dev ${device}`)
  ip(`route add default dev ${device} src ${LOCAL.ip4}`)
  ip(`-6 addr add ${LOCAL.ip6}/128 dev ${device} nodad`)
  ip(`-6 route add default dev ${device} src ${LOCAL.ip6}`)
  // the kernel would otherwise reuse what an earlier dialer has learnt about an address
  writeFileSync('/proc/sys/net/ipv4/tcp_no_metrics_save', '1')
}

function ip (command: string): void {
  execFileSync('ip', command.split(' '), { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Returns the arguments of `unshare`. Only root can create the namespaces without a user namespace */
function namespaces (): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']

  return [...user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
}
