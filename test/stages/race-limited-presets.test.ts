import test from 'ava'
import { adaptive, goLike, staggered } from '../../presets/index.ts'
import { address } from '../helpers/address.ts'
import { circuit, relayedWorld } from './relayed-world.ts'

for (const [name, preset] of Object.entries({ adaptive, goLike, staggered })) {
  for (const ms of [60, 250, 600]) {
    test(`${name}() waits for a direct connection after ${ms} ms, although a relayed one opens after 12 ms`, async t => {
      const { engine, clock, network, peer } = await relayedWorld(preset(), { 1: { connects: ms } })
      const connection = await clock.until(engine.dial([circuit(peer), address(1, peer)]))

      t.is(connection.limits, undefined)
      await engine.dials.idle()
      t.deepEqual(network.open, [connection])
      t.is(clock.pending, 0)
    })
  }

  test(`${name}() yields a relayed connection within three seconds when eight direct addresses are silent, without a look-up`, async t => {
    let lookups = 0
    const { engine, clock, components, network, peer } = await relayedWorld(preset())
    components.peerRouting.findPeer = async id => {
      lookups++
      return { id, multiaddrs: [] }
    }
    const target = [...Array.from({ length: 8 }, (_, i) => address(i + 1, peer)), circuit(peer)]
    const connection = await clock.until(engine.dial(target))

    t.not(connection.limits, undefined)
    t.true(clock.now() <= 3_000, `after ${clock.now()} ms`)
    t.is(lookups, 0)

    // four more dials open no other relayed connection
    for (let i = 0; i < 4; i++) {
      t.is(await clock.until(engine.dial(target)), connection)
    }

    t.is(network.attempts.filter(({ multiaddr }) => multiaddr.includes('p2p-circuit')).length, 1)
    // a preset that converges lingers for a direct connection
    await clock.until(engine.dials.idle())
    t.is(clock.pending, 0)
  })
}
