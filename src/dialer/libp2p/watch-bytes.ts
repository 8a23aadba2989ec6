import { scopeOf } from '../../address/scope.ts'
import { patch } from '../../pipeline/patch.ts'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/**
 * Calls `onBytes` whenever bytes arrive on a connection from another machine that is upgraded from now on. QUIC, WebRTC and
 * WebTransport have streams of their own, and do not show their bytes
 *
 * @returns what ends it
 */
export function watchBytes (upgrader: Upgrader, onBytes: () => void): () => void {
  const { upgradeInbound, upgradeOutbound } = upgrader as Record<'upgradeInbound' | 'upgradeOutbound', any>
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
