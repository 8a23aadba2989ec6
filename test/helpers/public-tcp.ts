import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Returns a public address that `publicTcp()` connects to a TCP port of the loopback interface. Only the port matters */
export function publicAddress (port: number): Multiaddr {
  return multiaddr(`/ip4/45.31.0.1/tcp/${port}`)
}

/**
 * Creates a TCP transport for a simulated public internet: it connects every IPv4 address to the same port of 127.0.0.1. The connection has the
 * address that was dialled. `onDial` is called with each address
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
