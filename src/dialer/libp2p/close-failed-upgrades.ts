import { WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { toError } from '../../pipeline/errors.ts'
import { closeGently } from '../attempts/held-connections.ts'
import { CONNECTED } from '../attempts/transport-dial.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

interface Patch {
  users: number
  undo: () => void
}

const patches = new WeakMap<Upgrader, Patch>()

/**
 * Closes an outbound connection whose upgrade is aborted at once, also where a gater takes its time, whom nobody tells.
 * And closes the WebSocket of one whose upgrade fails: in @libp2p/websockets 10 nobody does, and the socket stays open on
 * both sides (js-libp2p pull request 3625)
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
    const signal: AbortSignal | undefined = options?.signal
    const onAbort = (): void => {
      try {
        maConn.abort(toError(signal?.reason))
      } catch {
        // nobody hears what is thrown in an abort listener
      }
    }

    // an abort does not close a WebSocket, and nothing does after it
    if (!isWebSocket(maConn)) {
      signal?.addEventListener('abort', onAbort, { once: true })
    }

    try {
      return await upgradeOutbound.call(upgrader, maConn, options)
    } catch (err) {
      if (isWebSocket(maConn)) {
        void closeGently(maConn, clock)
      }

      throw err
    } finally {
      signal?.removeEventListener('abort', onAbort)
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
