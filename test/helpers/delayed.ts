import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { AddressInfo, Socket } from 'node:net'

export interface Delayed {
  readonly port: number
  /** The number of accepted connections so far */
  readonly accepted: number
  /** The number of connections with data in transit */
  readonly busy: number
  close (): Promise<void>
}

/** Forwards a TCP port of the loopback interface with `delay` milliseconds of the clock in each direction. The SYN is answered immediately */
export async function delayed (port: number, delay: number, clock: Clock): Promise<Delayed> {
  const sockets = new Set<Socket>()
  let accepted = 0
  let busy = 0

  const server = createServer({ allowHalfOpen: true }, socket => {
    accepted++
    const out = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let underway = 0

    for (const [from, to] of [[socket, out], [out, socket]] as const) {
      const later = (fn: () => void): void => {
        busy += underway++ === 0 ? 1 : 0
        clock.setTimeout(() => {
          busy -= --underway === 0 ? 1 : 0

          if (!to.destroyed) {
            fn()
          }
        }, delay)
      }
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', data => { later(() => { to.write(data) }) })
      from.on('end', () => { later(() => { to.end() }) })
      from.on('close', () => {
        sockets.delete(from)
        later(() => { to.destroy() })
      })
      // the close event that follows passes the reset on
      from.on('error', () => {})
    }
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get accepted () { return accepted },
    get busy () { return busy },
    close: async () => {
      const closed = new Promise<void>(resolve => { server.close(() => { resolve() }) })
      sockets.forEach(socket => { socket.destroy() })
      await closed
    }
  }
}
