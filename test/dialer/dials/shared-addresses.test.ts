import test from 'ava'
import { certifiedOnly, staggered } from '../../../presets/index.ts'
import { rankBy } from '../../../src/pipeline/authoring/rank.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'

const policies: ReadonlyArray<[string, DialPipelineOptions]> = [
  ['provenance: certified', { provenance: { include: ['certified'] } }],
  ['a pipeline of its own', { pipeline: certifiedOnly() }],
  ['initiator: false', { initiator: false }]
]

for (const [words, options] of policies) {
  for (const isFirst of [true, false]) {
    test(`a dial with ${words} gets no address of ${isFirst ? 'an earlier' : 'a later'} dial without`, async t => {
      const { engine, clock, network } = engineWorld(staggered(), { 1: { connects: 100 } })
      const peer = await newPeer()
      const strict = async (): Promise<unknown> => engine.dial(peer, options).catch((err: Error) => err.name)
      const loose = async (): Promise<unknown> => engine.dial(address(1, peer))

      const dials = isFirst ? [loose(), strict()] : [strict(), loose()]
      const names = (await clock.until(Promise.all(dials))).map(String)

      t.true(names.includes('NoValidAddressesError'))
      t.is(network.attempts.length, 1)
    })
  }
}

test('an aborted dial leaves its address to a dial with force that began meanwhile', async t => {
  const { engine, clock, network } = engineWorld(staggered(), { 1: { connects: 100 } })
  const peer = await newPeer()
  const controller = new AbortController()
  const first = engine.dial(address(1, peer), { signal: controller.signal })
  const second = engine.dial(peer, { force: true })
  await clock.advance(50)
  controller.abort()

  await t.throwsAsync(first)
  t.is((await clock.until(second)).remoteAddr.toString(), String(address(1, peer)))
  t.is(network.attempts.length, 1)
})

for (const startsAfter of [0, 5, 100]) {
  test(`a dial connects to its own address when another dial with force, made ${startsAfter} ms before, has filled the 25 places`, async t => {
    const others = rankBy('others-first', ({ id }) => id.includes('192.0.2.31/') ? 1 : 0)
    const refusing = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [i + 1, { refuses: 10 }]))
    const { engine, clock } = engineWorld(staggered().before('take', others), { ...refusing, 31: { connects: 10 } })
    const peer = await newPeer()
    const first = engine.dial(Array.from({ length: 30 }, (_, i) => address(i + 1, peer)), { force: true }).catch(() => {})
    await clock.advance(startsAfter)

    const second = engine.dial(address(31, peer))

    t.is((await clock.until(second)).remoteAddr.toString(), String(address(31, peer)))
    await clock.until(first)
  })
}

test('a caller whose addresses had no room gets a dial of the one that stood highest in the list', async t => {
  const order = rankBy('from-9', ({ id }) => -Number(/192\.0\.2\.(\d+)/.exec(id)?.[1]))
  const { engine, clock } = engineWorld(staggered().before('take', order), { 1: { refuses: 10 }, 2: { connects: 10 }, 9: { refuses: 10 } }, { settings: { maxPeerAddrsToDial: 1 } })
  const peer = await newPeer()

  const [crowded, other] = [engine.dial([address(1, peer), address(2, peer)]), engine.dial(address(9, peer))]

  await clock.until(Promise.allSettled([crowded, other]))
  await t.throwsAsync(other)
  t.is((await crowded).remoteAddr.toString(), String(address(2, peer)))
})
