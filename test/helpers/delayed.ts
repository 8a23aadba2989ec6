import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface Delayed {
  readonly port: number
  /** How many connections it ever accepted */
  readonly accepted: number
  close (): Promise<void>
}

/** A way to a TCP port of the loopback that takes `delay` milliseconds in each direction. The SYN is answered at once */
export async function delayed (port: number, delay: number): Promise<Delayed> {
  const sockets = new Set<Socket>()
  let accepted = 0

  const server = createServer({ allowHalfOpen: true }, socket => {
    accepted++
    const out = connect({ port, host: '127.0.0.1', allowHalfOpen: true })

    for (const [from, to] of [[socket, out], [out, socket]] as const) {
      const later = (fn: () => void): void => { setTimeout(() => { if (!to.destroyed) fn() }, delay) }
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', data => { later(() => { to.write(data) }) })
      from.on('end', () => { later(() => { to.end() }) })
      from.on('close', () => {
        sockets.delete(from)
        later(() => { to.destroy() })
      })
      // a reset is passed on by the close that follows
      from.on('error', () => {})
    }
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get accepted () { return accepted },
    close: async () => {
      const closed = new Promise<void>(resolve => { server.close(() => { resolve() }) })
      sockets.forEach(socket => { socket.destroy() })
      await closed
    }
  }
}
