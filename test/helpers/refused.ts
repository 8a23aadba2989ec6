import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface Refused {
  readonly port: number
  readonly multiaddr: Multiaddr
}

// below the ephemeral ports of every system: the system does not assign the port later, and a connect to the port cannot
// connect to itself
const FIRST = 20_000
const LAST = 32_000

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST))

/** Returns a port of the loopback interface that refuses connections. Each call returns another port */
export async function refused (): Promise<Refused> {
  const port = next++

  if (next > LAST) {
    next = FIRST
  }

  return await isFree(port) ? { port, multiaddr: multiaddr(`/ip4/127.0.0.1/tcp/${port}`) } : refused()
}

async function isFree (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => { resolve(false) })
    server.listen(port, '127.0.0.1', () => { server.close(() => { resolve(true) }) })
  })
}
