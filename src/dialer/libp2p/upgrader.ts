import { WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { scopeOf } from '../../address/scope.ts'
import { toError } from '../../pipeline/errors.ts'
import { closeGently } from '../attempts/connections.ts'
import { CONNECTED } from '../attempts/transport-dial.ts'
import { patch } from '../../pipeline/patch.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/** As much of an upgrader as is replaced. Its own types tell less than it hands on */
type Upgrades = Record<'upgradeInbound' | 'upgradeOutbound', any>

/** Those whose failed upgrades are closed, and how many dialers want that */
const closing = new WeakMap<Upgrader, { users: number, undo: () => void }>()

/**
 * Calls `onBytes` whenever bytes arrive on a connection from another machine that is upgraded from now on. QUIC, WebRTC and
 * WebTransport have streams of their own, and do not show their bytes
 *
 * @returns what ends it
 */
export function watchBytes (upgrader: Upgrader, onBytes: () => void): () => void {
  const { upgradeInbound, upgradeOutbound } = upgrader as Upgrades
  // connections outlive the one who wants to know
  let tell = onBytes

  // only now: a listener takes the bytes from one who comes later, and by now all others listen
  function watch (maConn: MultiaddrConnection): void {
    if (scopeOf(maConn.remoteAddr) !== 'loopback') {
      maConn.addEventListener('message', () => { tell() })
    }
  }

  const undo = [
    patch(upgrader, 'upgradeInbound', async (maConn: MultiaddrConnection, options: any) => {
      await upgradeInbound.call(upgrader, maConn, options)
      watch(maConn)
    }),
    patch(upgrader, 'upgradeOutbound', async (maConn: MultiaddrConnection, options: any) => {
      const connection = await upgradeOutbound.call(upgrader, maConn, options)
      watch(maConn)

      return connection
    })
  ]

  return () => {
    tell = () => {}
    undo.forEach(fn => { fn() })
  }
}

/**
 * Closes an outbound connection whose upgrade is aborted at once, also where a gater takes its time, whom nobody tells.
 * And closes the WebSocket of one whose upgrade fails: in @libp2p/websockets 10 nobody does, and the socket stays open on
 * both sides (js-libp2p pull request 3625)
 *
 * @returns what undoes it, when nobody else on the node wants it any more
 */
export function closeFailedUpgrades (upgrader: Upgrader, clock: Clock): () => void {
  const shared = closing.get(upgrader) ?? { users: 0, undo: patchOutbound(upgrader, clock) }
  let isWanted = true
  closing.set(upgrader, shared)
  shared.users++

  return () => {
    shared.users -= Number(isWanted)
    isWanted = false

    if (shared.users === 0) {
      closing.delete(upgrader)
      shared.undo()
    }
  }
}

function patchOutbound (upgrader: Upgrader, clock: Clock): () => void {
  const { upgradeOutbound } = upgrader as Upgrades

  return patch(upgrader, 'upgradeOutbound', async (maConn: MultiaddrConnection, options: any): Promise<any> => {
    options?.[CONNECTED]?.()
    const signal: AbortSignal | undefined = options?.signal
    const isWebSocket = WebSockets.matches(maConn.remoteAddr) || WebSocketsSecure.matches(maConn.remoteAddr)
    const onAbort = (): void => {
      try {
        maConn.abort(toError(signal?.reason))
      } catch {
        // nobody hears what is thrown in an abort listener
      }
    }

    // an abort does not close a WebSocket, and nothing does after it
    if (!isWebSocket) {
      signal?.addEventListener('abort', onAbort, { once: true })
    }

    try {
      return await upgradeOutbound.call(upgrader, maConn, options)
    } catch (err) {
      if (isWebSocket) {
        void closeGently(maConn, clock)
      }

      throw err
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  })
}
