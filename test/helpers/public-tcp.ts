import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A public address that `publicTcp()` takes to a TCP port of the loopback. Only the port counts */
export function publicAddress (port: number): Multiaddr {
  return multiaddr(`/ip4/45.31.0.1/tcp/${port}`)
}

/**
 * TCP for a machine on a public internet of its own: the socket of every IPv4 address is opened to the same port of 127.0.0.1,
 * and the connection has the address that was dialled. `onDial` is told each of them.
 */
export function publicTcp (onDial: (address: Multiaddr) => void = () => {}): (components: any) => Transport {
  return components => {
    const transport = tcp()(components)
    const dial = transport.dial.bind(transport)

    transport.dial = async (address, options) => {
      const { upgrader } = options
      onDial(address)

      return dial(onLoopback(address), {
        ...options,
        upgrader: {
          ...upgrader,
          upgradeOutbound: async (connection, options) => upgrader.upgradeOutbound(Object.assign(connection, { remoteAddr: address }), options)
        }
      })
    }

    return transport
  }
}

function onLoopback (address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().replace(/^\/ip4\/[\d.]+/, '/ip4/127.0.0.1'))
}
