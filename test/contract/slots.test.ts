// dials that need another dial
import { transportSymbol } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { leadsTo } from '../libp2p/kit.ts'
import { contract } from './contract.ts'
import { behind, relay, through, THROUGH } from './through.ts'
import type { Listener } from './through.ts'
import type { Relayed } from '../helpers/relay.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds. libp2p's own dialer would wait for its dialTimeout of ten seconds */
const CONTROL = 1_500

for (const slots of [1, 3, 6]) {
  contract(`${slots} dials through one relay connect with maxParallelDials: ${slots} (stock: none does, a defect)`, async (t, { node, either }) => {
    const { relay: hop } = await relay(t)
    const [dialler, ...listeners] = await Promise.all([
      through(node, { connectionManager: { maxParallelDials: slots, dialTimeout: either({ stock: CONTROL, ours: 60_000 }) } }),
      ...Array.from({ length: slots }, async () => behind(t, hop))
    ])

    const dials = await Promise.allSettled(listeners.map(async ({ relayed }) => dialler.dial(relayed)))

    t.deepEqual(dials.map(({ status }) => status), listeners.map(() => either({ stock: 'rejected', ours: 'fulfilled' })))
    dials.forEach((dial, i) => {
      if (dial.status === 'fulfilled') {
        leadsTo(t, dial.value, (listeners[i] as Listener).listener)
      }
    })
    t.is(dialler.getConnections(hop.peerId).length, either({ stock: 0, ours: 1 }))
    t.deepEqual(dialler.getDialQueue(), [])
  })
}

contract('3 dials through 3 relays connect with maxParallelDials: 3 (stock: none does, a defect)', async (t, { node, either }) => {
  const [dialler, ...relays] = await Promise.all([
    through(node, { connectionManager: { maxParallelDials: 3, dialTimeout: either({ stock: CONTROL, ours: 60_000 }) } }),
    relay(t),
    relay(t),
    relay(t)
  ])

  const dials = await Promise.allSettled(relays.map(async ({ multiaddr }) => dialler.dial(multiaddr)))

  t.deepEqual(dials.map(({ status }) => status), relays.map(() => either({ stock: 'rejected', ours: 'fulfilled' })))
  dials.forEach((dial, i) => {
    if (dial.status === 'fulfilled') {
      leadsTo(t, dial.value, (relays[i] as Relayed).listener)
    }
  })
})

for (const slots of [1, 3]) {
  contract(`${slots} dials of a transport that dials a relay itself, as WebRTC does, connect with maxParallelDials: ${slots} (stock: none does, a defect)`, async (t, { node, either }) => {
    const { relay: hop } = await relay(t)
    const [dialler, ...listeners] = await Promise.all([
      through(node, {
        transports: [...THROUGH.transports, viaRelay],
        connectionManager: { maxParallelDials: slots, dialTimeout: either({ stock: CONTROL, ours: 60_000 }) }
      }),
      ...Array.from({ length: slots }, async () => behind(t, hop))
    ])

    const dials = await Promise.allSettled(listeners.map(async ({ relayed, listener }) => dialler.dial(multiaddr(`${relayed}`.replace(/\/p2p\/[^/]+$/, `/webrtc/p2p/${listener.peerId}`)))))

    t.deepEqual(dials.map(({ status }) => status), listeners.map(() => either({ stock: 'rejected', ours: 'fulfilled' })))
    t.is(dialler.getConnections(hop.peerId).length, either({ stock: 0, ours: 1 }))
  })
}

contract('a relayed dial connects with maxDialQueueLength: 1 (stock: DialError, a defect)', async (t, { node, either }) => {
  const [dialler, { multiaddr }] = await Promise.all([through(node, { connectionManager: { maxDialQueueLength: 1 } }), relay(t)])

  const result = await dialler.dial(multiaddr).then(({ status }) => status, ({ message }) => message)

  t.is(result, either({ stock: 'Dial queue is full', ours: 'open' }))
})

contract('a relayed dial connects with one slot more than it needs', async (t, { node }) => {
  const [dialler, { listener, multiaddr }] = await Promise.all([through(node, { connectionManager: { maxParallelDials: 2 } }), relay(t)])

  leadsTo(t, await dialler.dial(multiaddr), listener)
})

/** A transport that dials the relay first like WebRTC, without the signalling */
function viaRelay ({ transportManager }: any): any {
  return {
    [transportSymbol]: true,
    [Symbol.toStringTag]: 'via-relay',
    listenFilter: () => [],
    dialFilter: (multiaddrs: Multiaddr[]) => multiaddrs.filter(one => one.toString().includes('/webrtc/')),
    createListener: () => { throw new Error('It does not listen') },
    dial: async (one: Multiaddr, { signal, onProgress }: any) => transportManager.dial(multiaddr(one.toString().replace('/webrtc', '')), { signal, onProgress })
  }
}
