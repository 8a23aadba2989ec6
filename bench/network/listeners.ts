import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A transport over an IP version */
export type Socket = 'tcp4' | 'tcp6' | 'ws4' | 'ws6' | 'quic4' | 'quic6'

export interface ListeningPeer {
  readonly id: string
  readonly ports: Readonly<Partial<Record<Socket, number>>>
}

export interface Listeners {
  readonly peers: readonly ListeningPeer[]
  close (): Promise<void>
}

/** Starts nodes that listen on every address of this machine, in a child process. The process ends with `close()` or with this process */
export async function listeners (count: number, sockets: readonly Socket[]): Promise<Listeners> {
  const file = fileURLToPath(new URL('./listener-process.ts', import.meta.url))
  const child = spawn(process.execPath, [file, String(count), ...sockets], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => undefined)])

  if (line == null) {
    throw new Error(`the listeners ended before they listened: ${child.exitCode ?? child.signalCode}`)
  }

  return {
    peers: JSON.parse(line[0]) as ListeningPeer[],
    close: async () => {
      child.stdin.end()
      await ended
    }
  }
}
