import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface MutingProxy {
  readonly port: number
  /** Whether bytes are held back, in both directions. The sockets stay open, as those of a host that changed its network */
  isMute: boolean
  close (): Promise<void>
}

/** Starts a proxy to a TCP port of the loopback interface */
export async function mutingProxy (target: number): Promise<MutingProxy> {
  const sockets = new Set<Socket>()
  let isMute = false

  const server = createServer(inbound => {
    const outbound = connect(target, '127.0.0.1')

    for (const [from, to] of [[inbound, outbound], [outbound, inbound]] as const) {
      sockets.add(from)
      from.on('data', data => { to.write(data) })
      from.on('error', () => {})
      from.once('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get isMute () { return isMute },
    set isMute (value) {
      isMute = value
      sockets.forEach(socket => isMute ? socket.pause() : socket.resume())
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      sockets.forEach(socket => { socket.destroy() })
      await closed
    }
  }
}
