import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { Surroundings } from '../../src/dialer/surroundings.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Connection } from '@libp2p/interface'

const HOUR = 3_600_000

interface Scene {
  surroundings: Surroundings
  clock: VirtualClock
  /** Number of reads of the node's addresses and connections */
  asked: { addresses: number, connections: number }
  connect (remoteAddr: string, peer?: string, direct?: boolean): () => void
}

/** A node with these listening and announced addresses */
function scene ({ listens = [], announces = [] }: { listens?: string[], announces?: string[] } = {}): Scene {
  const clock = new VirtualClock(0)
  const events = new TypedEventEmitter<any>()
  const open: Connection[] = []
  const asked = { addresses: 0, connections: 0 }
  const components: any = {
    events,
    connectionManager: { getConnections: () => { asked.connections++; return open } },
    transportManager: { getAddrs: () => { asked.addresses++; return listens.map(one => multiaddr(one)) } },
    addressManager: { getAnnounceAddrs: () => announces.map(one => multiaddr(one)) }
  }
  const surroundings = new Surroundings(components, clock)
  surroundings.start()

  return {
    surroundings,
    clock,
    asked,
    connect: (remoteAddr, peer = 'peer', direct = true) => {
      const connection = { remoteAddr: multiaddr(remoteAddr), remotePeer: peer, direct } as unknown as Connection
      open.push(connection)
      events.safeDispatchEvent('connection:open', { detail: connection })

      return () => {
        open.splice(open.indexOf(connection), 1)
        events.safeDispatchEvent('connection:close', { detail: connection })
      }
    }
  }
}

test('a node that listens on or announces a public address is on the public internet', t => {
  t.true(scene({ listens: ['/ip4/10.0.0.1/tcp/1', '/ip4/8.8.8.8/tcp/1'] }).surroundings.isPublic)
  t.true(scene({ announces: ['/ip4/8.8.8.8/tcp/1'] }).surroundings.isPublic)
  t.false(scene({ listens: ['/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1'], announces: ['/dns4/node.lan/tcp/1'] }).surroundings.isPublic)
})

test('a node is on the public internet during a direct connection to a public host, and for an hour after', async t => {
  const { surroundings, clock, connect } = scene()
  connect('/ip4/10.0.0.2/tcp/1', 'local')
  connect('/ip4/8.8.8.8/tcp/1/p2p/12D3KooWEvWVGac8yqEd8JPXU6dBRSDmvpbc8yFhkcxUQHCQPni5/p2p-circuit', 'relayed', false)
  t.false(surroundings.isPublic)

  const close = connect('/ip4/8.8.8.8/tcp/1', 'remote')
  await clock.advance(2 * HOUR)
  t.true(surroundings.isPublic)
  t.true(surroundings.wasPublic('remote'))
  t.false(surroundings.wasPublic('local'))
  t.false(surroundings.wasPublic('relayed'))

  close()
  await clock.advance(HOUR - 1)
  t.true(surroundings.isPublic)
  t.true(surroundings.wasPublic('remote'))
  await clock.advance(1)
  t.false(surroundings.isPublic || surroundings.wasPublic('remote'))
})

test('wasPublic() remembers the latest 4,096 peers', t => {
  const { surroundings, connect } = scene()

  for (let i = 0; i < 4_097; i++) {
    connect('/ip4/8.8.8.8/tcp/1', `${i}`)()
  }

  t.deepEqual(['0', '1', '4096'].map(peer => surroundings.wasPublic(peer)), [false, true, true])
})

test('addresses and connections are read once a second, for any number of candidates', async t => {
  const { surroundings, clock, asked, connect } = scene({ listens: ['/ip4/10.0.0.1/tcp/1'] })
  connect('/ip4/10.0.0.2/tcp/1')

  for (let i = 0; i < 256; i++) {
    t.false(surroundings.isPublic || surroundings.wasPublic(`${i}`))
  }

  t.deepEqual(asked, { addresses: 1, connections: 1 })
  await clock.advance(1_000)
  t.false(surroundings.isPublic)
  t.deepEqual(asked, { addresses: 2, connections: 2 })
})

test('a new connection is seen in the same second, and an open one at the start', t => {
  const { surroundings, connect } = scene()
  t.false(surroundings.isPublic)
  connect('/ip4/8.8.8.8/tcp/1', 'remote')
  t.true(surroundings.isPublic)
  t.true(surroundings.wasPublic('remote'))

  const other = scene()
  other.surroundings.stop()
  other.connect('/ip4/8.8.8.8/tcp/1', 'remote')
  t.true(other.surroundings.isPublic)
  t.true(other.surroundings.wasPublic('remote'))
})
