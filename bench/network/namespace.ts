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

const NEEDED = [
  { command: 'cc', what: 'a C compiler', install: 'apt-get install gcc libc6-dev' },
  { command: 'ip', what: 'the ip command', install: 'apt-get install iproute2' },
  { command: 'unshare', what: 'the unshare command', install: 'apt-get install util-linux' }
]

/**
 * Runs a program of this folder in namespaces of its own: in a network of which nothing can leave, and with its own process
 * ids, so that whatever it started ends with it. The path of the compiled mirror is its first argument.
 *
 * @returns its exit code
 * @throws MissingError
 */
export async function runInNamespace (program: string, args: readonly string[]): Promise<number> {
  checkMachine()
  const folder = mkdtempSync(join(tmpdir(), 'network-bench-'))
  const remove = (): void => { rmSync(folder, { recursive: true, force: true }) }
  process.once('exit', remove)

  const mirror = join(folder, 'mirror')
  execFileSync('cc', ['-O2', '-o', mirror, pathOf('mirror.c')], { stdio: ['ignore', 'inherit', 'inherit'] })

  // only root may make them without a user namespace
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const child = spawn('unshare', [...user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, pathOf(program), mirror, ...args], { stdio: ['pipe', 'inherit', 'inherit'] })

  // Ctrl-C reaches the child as well, and kill only this process: its stdin ends in either case
  const stop = (): void => { child.stdin?.end() }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)

  const [code] = await once(child, 'exit') as [number | null]

  return code ?? 1
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

function checkMachine (): void {
  for (const { command, what, install } of NEEDED) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error != null) {
      throw new MissingError(`needs ${what}: ${install}`)
    }
  }

  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    throw new MissingError('needs /dev/net/tun, readable and writable: modprobe tun, and in a container --device /dev/net/tun')
  }
}

function pathOf (file: string): string {
  return fileURLToPath(new URL(`./${file}`, import.meta.url))
}
