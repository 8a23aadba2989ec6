import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { multiaddr } from '@multiformats/multiaddr'
import { blackhole } from '../../test/helpers/blackhole.ts'
import { silent } from '../../test/helpers/silent.ts'
import { direct, place } from '../../test/leaks/places.ts'
import type { Place } from '../../test/leaks/places.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where a dial goes on until somebody ends it */
export interface Trap {
  readonly multiaddr: Multiaddr
  close (): unknown
}

/** What a load is put on */
export interface Way {
  readonly name: string
  place (): Promise<Place>
  /** Whether the relays are dialled beforehand */
  readonly isRelayed?: boolean
  /** Of interop: whose packages it needs */
  readonly consumer?: string
  /** Nobody answers there. Given a good address */
  blackhole?: (good: Multiaddr) => Promise<Trap>
  /** Somebody accepts there, and says nothing */
  silence?: (good: Multiaddr) => Promise<Trap>
}

export const WAYS: readonly Way[] = [
  { name: 'TCP', place: async () => place('tcp'), blackhole: instead(blackhole), silence: instead(silent) },
  { name: 'WebSockets', place: async () => place('ws'), blackhole: instead(blackhole), silence: instead(silent) },
  { name: 'memory', place: async () => place('memory') },
  { name: 'relay', place: async () => place('relay') },
  { name: 'relay, connected', place: async () => place('relay'), isRelayed: true },
  {
    name: 'QUIC',
    consumer: 'quic',
    place: async () => direct([await transport('@chainsafe/libp2p-quic', 'quic')], '/ip4/127.0.0.1/udp/0/quic-v1', ['/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/udp/2/quic-v1']),
    blackhole: instead(swallow)
  },
  {
    name: 'WebRTC Direct',
    consumer: 'webrtc',
    place: async () => direct([await transport('@libp2p/webrtc', 'webRTCDirect')], '/ip4/127.0.0.1/udp/0/webrtc-direct', ['/ip4/127.0.0.1/udp/1/webrtc-direct', '/ip4/127.0.0.1/udp/2/webrtc-direct']),
    blackhole: instead(swallow)
  }
]

/** Not among the packages that the project is developed with */
async function transport (name: string, factory: string): Promise<any> {
  return (await import(name))[factory]()
}

/** The good address with another port */
function instead (make: () => Promise<{ port: number, close: () => unknown }>) {
  return async (good: Multiaddr): Promise<Trap> => {
    const { port, close } = await make()

    return { multiaddr: multiaddr(`${good}`.replace(/\/(tcp|udp)\/\d+/, `/$1/${port}`)), close }
  }
}

/** A UDP port of somebody who never says a word */
async function swallow (): Promise<{ port: number, close: () => unknown }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')

  return { port: socket.address().port, close: () => { socket.close() } }
}
