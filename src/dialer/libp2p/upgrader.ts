import { WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { scopeOf } from '../../address/scope.ts'
import { toError } from '../../pipeline/errors.ts'
import { abort, closeGently } from '../attempts/close-connections.ts'
import { CONNECTED } from '../attempts/transport-dial.ts'
import { patch } from '../../pipeline/patch.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/** The methods of an upgrader that are patched. Typed loosely, because libp2p passes more than its types declare */
type Upgrades = Record<'upgradeInbound' | 'upgradeOutbound', any>

/** Patched upgraders, with the number of dialers that use the patch */
const closing = new WeakMap<Upgrader, { users: number, undo: () => void }>()

/**
 * Calls `onBytes` whenever bytes arrive on a connection from another machine. Covers connections that are upgraded from now on, except
 * QUIC, WebRTC and WebTransport: these have streams of their own, and do not show their bytes
 *
 * @returns a function that ends the calls
 */
export function watchBytes (upgrader: Upgrader, onBytes: () => void): () => void {
  const { upgradeInbound, upgradeOutbound } = upgrader as Upgrades
  // a variable, because the connections keep their listeners after the end
  let notify = onBytes

  // called after the upgrade: a listener that is added first would take bytes from libp2p's own listeners
  function watch (maConn: MultiaddrConnection): void {
    if (scopeOf(maConn.remoteAddr) !== 'loopback') {
      maConn.addEventListener('message', () => { notify() })
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
    notify = () => {}
    undo.forEach(fn => { fn() })
  }
}

/**
 * Closes an outbound connection when its upgrade is aborted, even while a gater is still deciding. Also closes a WebSocket whose upgrade
 * fails: @libp2p/websockets 10 leaves its socket open on both sides (js-libp2p pull request 3625)
 *
 * @returns a function that restores the upgrader, once no other dialer of the node uses the patch
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
      // an abort does not close a WebSocket, and makes a later close impossible
      if (isWebSocket) {
        void closeGently(maConn, clock)
      } else {
        abort(maConn, toError(signal?.reason))
      }
    }

    signal?.addEventListener('abort', onAbort, { once: true })

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
