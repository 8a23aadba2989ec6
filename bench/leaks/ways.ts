import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { multiaddr } from '@multiformats/multiaddr'
import { blackhole } from '../../test/helpers/blackhole.ts'
import { silent } from '../../test/helpers/silent.ts'
import { direct, place } from '../../test/leaks/places.ts'
import type { Place } from '../../test/leaks/places.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address at which a dial goes on until it is aborted */
export interface Trap {
  readonly multiaddr: Multiaddr
  close (): unknown
}

/** A transport, or a path through relays, on which loads run */
export interface Way {
  readonly name: string
  place (): Promise<Place>
  /** Whether the node dials the relays beforehand */
  readonly isRelayed?: boolean
  /** The consumer in interop/ whose packages the way needs */
  readonly consumer?: string
  /** Returns an address that never answers, given a good one */
  blackhole?: (good: Multiaddr) => Promise<Trap>
  /** Returns an address that accepts connections and stays silent, given a good one */
  silence?: (good: Multiaddr) => Promise<Trap>
}

export const WAYS: readonly Way[] = [
  { name: 'TCP', place: async () => place('tcp'), blackhole: atItsPort(blackhole), silence: atItsPort(silent) },
  { name: 'WebSockets', place: async () => place('ws'), blackhole: atItsPort(blackhole), silence: atItsPort(silent) },
  { name: 'memory', place: async () => place('memory') },
  { name: 'relay', place: async () => place('relay') },
  { name: 'relay, connected', place: async () => place('relay'), isRelayed: true },
  {
    name: 'QUIC',
    consumer: 'quic',
    place: async () => direct([await transport('@chainsafe/libp2p-quic', 'quic')], '/ip4/127.0.0.1/udp/0/quic-v1', ['/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/udp/2/quic-v1']),
    blackhole: atItsPort(silentUdpPort)
  },
  {
    name: 'WebRTC Direct',
    consumer: 'webrtc',
    place: async () => direct([await transport('@libp2p/webrtc', 'webRTCDirect')], '/ip4/127.0.0.1/udp/0/webrtc-direct', ['/ip4/127.0.0.1/udp/1/webrtc-direct', '/ip4/127.0.0.1/udp/2/webrtc-direct']),
    blackhole: atItsPort(silentUdpPort)
  }
]

/** Imports a transport that is not a development dependency of the project */
async function transport (name: string, factory: string): Promise<any> {
  return (await import(name))[factory]()
}

/** Returns a function that starts a listener, and puts its port into the good address */
function atItsPort (make: () => Promise<{ port: number, close: () => unknown }>) {
  return async (good: Multiaddr): Promise<Trap> => {
    const { port, close } = await make()

    return { multiaddr: multiaddr(`${good}`.replace(/\/(tcp|udp)\/\d+/, `/$1/${port}`)), close }
  }
}

/** Opens a UDP port that never answers */
async function silentUdpPort (): Promise<{ port: number, close: () => unknown }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')

  return { port: socket.address().port, close: () => { socket.close() } }
}
