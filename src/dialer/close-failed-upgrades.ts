import { WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { closeGently } from './close.ts'
import { CONNECTED } from './connected.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

interface Patch {
  users: number
  undo: () => void
}

const patches = new WeakMap<Upgrader, Patch>()

/**
 * Closes the WebSocket of an outbound connection whose upgrade fails: in @libp2p/websockets 10 nobody does, and the socket
 * stays open on both sides (js-libp2p pull request 3625)
 *
 * @returns what undoes it, when nobody else on the node wants it any more
 */
export function closeFailedUpgrades (upgrader: Upgrader, clock: Clock): () => void {
  const patch = patches.get(upgrader) ?? apply(upgrader, clock)
  let isWanted = true
  patches.set(upgrader, patch)
  patch.users++

  return () => {
    patch.users -= Number(isWanted)
    isWanted = false

    if (patch.users === 0) {
      patches.delete(upgrader)
      patch.undo()
    }
  }
}

function apply (upgrader: Upgrader, clock: Clock): Patch {
  const { upgradeOutbound } = upgrader as Record<'upgradeOutbound', any>

  async function upgradeAndClose (maConn: MultiaddrConnection, options: any): Promise<any> {
    options?.[CONNECTED]?.()

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

  return {
    users: 0,
    undo: () => {
      if (upgrader.upgradeOutbound === upgradeAndClose) {
        upgrader.upgradeOutbound = upgradeOutbound
      }
    }
  }
}

function isWebSocket ({ remoteAddr }: MultiaddrConnection): boolean {
  return WebSockets.matches(remoteAddr) || WebSocketsSecure.matches(remoteAddr)
}
