import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ChildProcess } from 'node:child_process'

const SCRIPT = fileURLToPath(new URL('./blackhole-process.ts', import.meta.url))

/** An address whose SYN nobody ever answers: a connect stays pending for two minutes */
export interface Hole {
  readonly port: number
  readonly multiaddr: Multiaddr
}

export interface Blackholes {
  readonly holes: readonly Hole[]
  readonly multiaddrs: readonly Multiaddr[]
  /** Of the child process that holds them all */
  readonly pid: number
  /** Ends the child, and with it every hole; what still hangs in one is reset at its next SYN. May be called twice */
  close (): Promise<void>
}

export interface Blackhole extends Hole, Pick<Blackholes, 'pid' | 'close'> {}

/** One child process with `count` TCP blackholes on the loopback. It ends with `close()`, or with this process */
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

// a hole that nobody closed keeps no program from ending
function release (child: ChildProcess): void {
  child.unref()

  if (child.stdin instanceof Socket) {
    child.stdin.unref()
  }
}

async function close (child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.ref()

  // the kernel kills it whatever it is doing; closing its stdin would only ask
  child.kill('SIGKILL')
  child.stdin?.destroy()

  await ended
}
