import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { fromKnown, giveUp, pipeline, race, stagger } from '../../../src/stages/index.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { changed, node, peer } from './fleet.ts'
import type { History } from '../../../src/history/history.ts'

const addresses = Array.from({ length: 8 }, (_, n) => `/ip4/7.7.${n}.7/tcp/4001`)

/** Returns the number of silent addresses that a dial tries after merging the texts */
async function attemptsAfter (...texts: readonly string[]): Promise<number> {
  const stored = addresses.map(address => ({ multiaddr: multiaddr(address), isCertified: false }))
  // one after another, so that each failure is known before the next
  const { engine, clock, network, components } = engineWorld(pipeline(fromKnown(), giveUp(), stagger(6_500), race()), {}, { stored, settings: { dialTimeout: 100_000 } })

  for (const text of texts) {
    await (components.history as History).merge(text)
  }

  await clock.until(engine.dial(peer)).catch(() => {})

  return network.attempts.length
}

test('giveUp() tries at least two silent addresses, whatever other nodes reported', async t => {
  const text = changed(await node().history.export(), object => {
    object.at = 0
    object.peers = [[peer.toString(), [0, 1_000, 0], addresses.map(address => [address, 1_000, 0, 0])]]
  })
  const members = Array.from({ length: 4 }, (_, n) => changed(text, object => { object.member = `${n}`.repeat(32) }))

  const [alone, told] = [await attemptsAfter(), await attemptsAfter(...members)]
  t.true(told >= 2 && told < alone && alone < addresses.length, `${told} ${alone}`)
})
