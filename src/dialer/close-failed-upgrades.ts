import { WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { closeGently } from './close.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/**
 * Closes the WebSocket of an outbound connection whose upgrade fails: in @libp2p/websockets 10 nobody does, and the socket
 * stays open on both sides (js-libp2p pull request 3625)
 *
 * @returns what undoes it
 */
export function closeFailedUpgrades (upgrader: Upgrader, clock: Clock): () => void {
  const { upgradeOutbound } = upgrader

  async function upgradeAndClose (maConn: MultiaddrConnection, options: any): Promise<any> {
    try {
      return await upgradeOutbound.call(upgrader, maConn, options)
    } catch (err) {
      if (isWebSocket(maConn)) {
        void closeGently(maConn, clock)
      }

      throw err
    }
  }

  upgrader.upgradeOutbound = upgradeAndClose

  return () => {
    if (upgrader.upgradeOutbound === upgradeAndClose) {
      upgrader.upgradeOutbound = upgradeOutbound
    }
  }
}

function isWebSocket ({ remoteAddr }: MultiaddrConnection): boolean {
  return WebSockets.matches(remoteAddr) || WebSocketsSecure.matches(remoteAddr)
}
