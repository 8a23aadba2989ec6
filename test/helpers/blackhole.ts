import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ChildProcess } from 'node:child_process'

const SCRIPT = fileURLToPath(new URL('./blackhole-process.ts', import.meta.url))

/** An address that never answers a SYN: a connect stays pending for two minutes */
export interface Hole {
  readonly port: number
  readonly multiaddr: Multiaddr
}

export interface Blackholes {
  readonly holes: readonly Hole[]
  readonly multiaddrs: readonly Multiaddr[]
  /** The process id of the child that holds all of them */
  readonly pid: number
  /** Ends the child and its blackholes. Pending connects are reset at their next SYN. May be called twice */
  close (): Promise<void>
}

export interface Blackhole extends Hole, Pick<Blackholes, 'pid' | 'close'> {}

/** Starts a child process with `count` TCP blackholes on the loopback interface. It ends with `close()`, or with this process */
export async function blackholes (count: number): Promise<Blackholes> {
  const child = spawn(process.execPath, [SCRIPT, `${count}`], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), died(child, ended)])

  child.stdout.destroy()
  await once(child.stdout, 'close')
  release(child)

  const holes = (JSON.parse(line) as number[]).map(port => ({ port, multiaddr: multiaddr(`/ip4/127.0.0.1/tcp/${port}`) }))

  return {
    holes,
    multiaddrs: holes.map(hole => hole.multiaddr),
    pid: child.pid ?? -1,
    close: async () => { await close(child, ended) }
  }
}

export async function blackhole (): Promise<Blackhole> {
  const { holes: [hole], pid, close } = await blackholes(1)

  return { ...hole as Hole, pid, close }
}

async function died (child: ChildProcess, ended: Promise<unknown>): Promise<never> {
  await ended

  throw new Error(`the blackhole process ended before it reported its ports: ${child.exitCode ?? child.signalCode}`)
}

// an open blackhole must not keep the process alive
function release (child: ChildProcess): void {
  child.unref()

  if (child.stdin instanceof Socket) {
    child.stdin.unref()
  }
}

async function close (child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.ref()

  // SIGKILL ends a child whose event loop is blocked
  child.kill('SIGKILL')
  child.stdin?.destroy()

  await ended
}
