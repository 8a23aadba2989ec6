import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AddressInfo, Socket } from 'node:net'

/** A route to a listener of this machine that is blocked until it is opened */
export interface Detour {
  readonly multiaddr: Multiaddr
  /** The number of accepted sockets so far */
  readonly accepted: number
  /** The number of open sockets on both sides */
  readonly connected: number
  open (): void
  close (): Promise<void>
}

/** Creates a detour to a TCP or WebSockets address, and keeps the rest of the address */
export async function detour (to: Multiaddr): Promise<Detour> {
  const port = Number(to.getComponents().find(({ name }) => name === 'tcp')?.value)
  const sockets = new Set<Socket>()
  const gate = Promise.withResolvers<void>()
  let accepted = 0

  const server = createServer({ pauseOnConnect: true }, near => {
    accepted++
    const far = connect(port, '127.0.0.1')

    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }

    void gate.promise.then(() => { near.pipe(far).pipe(near) })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    multiaddr: multiaddr(`${to}`.replace(`/tcp/${port}`, `/tcp/${(server.address() as AddressInfo).port}`)),
    get accepted () { return accepted },
    get connected () { return sockets.size },
    open: () => { gate.resolve() },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      sockets.forEach(socket => { socket.destroy() })
      await closed
    }
  }
}
