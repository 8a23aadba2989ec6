import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface RemotePeer {
  /** The address, with the peer id */
  readonly multiaddr: Multiaddr
  close (): Promise<void>
}

/** Starts a node that listens for TCP in a child process. The process ends with `close()` or with this process */
export async function remotePeer (): Promise<RemotePeer> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./peer-process.ts', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => undefined)])

  if (line == null) {
    throw new Error(`the peer process ended before it said its address: ${child.exitCode ?? child.signalCode}`)
  }

  return {
    multiaddr: multiaddr(line[0]),
    close: async () => {
      child.stdin.end()
      await ended
    }
  }
}
