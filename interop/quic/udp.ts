import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Socket } from 'node:dgram'
import type { ExecutionContext } from 'ava'

/** A UDP port without an answer. A QUIC dial of it lasts ten seconds, whatever its signal does */
export interface Hole {
  readonly multiaddr: Multiaddr
  /** Resolves with the first datagram */
  readonly arrival: Promise<void>
}

export interface Detour extends Hole {
  /** Passes all later datagrams on, in both directions */
  open (): void
}

export async function hole (t: ExecutionContext): Promise<Hole> {
  const socket = await bind(t)

  return { multiaddr: addressOf(socket), arrival: arrival(socket) }
}

/** A proxy to a QUIC listener that drops all datagrams until it is opened. For one dialer */
export async function detour (t: ExecutionContext, to: Multiaddr): Promise<Detour> {
  const [near, far] = await Promise.all([bind(t), bind(t)])
  const listener = Number(to.getComponents().find(({ name }) => name === 'udp')?.value)
  let dialer: number | undefined
  let isOpen = false

  near.on('message', (message, { port }) => {
    dialer = port

    if (isOpen) {
      far.send(message, listener, '127.0.0.1')
    }
  })
  far.on('message', message => { near.send(message, dialer, '127.0.0.1') })

  return { multiaddr: addressOf(near), arrival: arrival(near), open: () => { isOpen = true } }
}

async function bind (t: ExecutionContext): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => { socket.close() })

  return socket
}

async function arrival (socket: Socket): Promise<void> {
  await once(socket, 'message')
}

function addressOf (socket: Socket): Multiaddr {
  return multiaddr(`/ip4/127.0.0.1/udp/${socket.address().port}/quic-v1`)
}
