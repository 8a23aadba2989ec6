import { once } from 'node:events'
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AddressInfo, Socket } from 'node:net'

export interface Silent {
  readonly port: number
  readonly multiaddr: Multiaddr
  /** The number of accepted sockets so far */
  readonly accepted: number
  /** The number of open sockets */
  readonly open: number
  close (): Promise<void>
}

/** Starts a listener that accepts connections and reads, but never sends: a dial fails late, in its handshake */
export async function silent (): Promise<Silent> {
  const sockets = new Set<Socket>()
  let accepted = 0

  const server = createServer(socket => {
    accepted++
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
    // a dialer that gives up resets the connection
    socket.on('error', () => {})
    // the close of the other side is only seen after all bytes were read
    socket.resume()
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const { port } = server.address() as AddressInfo

  return {
    port,
    multiaddr: multiaddr(`/ip4/127.0.0.1/tcp/${port}`),
    get accepted () { return accepted },
    get open () { return sockets.size },
    close: async () => {
      const closed = new Promise<void>(resolve => { server.close(() => { resolve() }) })
      sockets.forEach(socket => { socket.destroy() })
      sockets.clear()
      await closed
    }
  }
}
