import { NotFoundError } from '@libp2p/interface'
import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { certified } from '../../src/stages/certified.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, cands, dialled, PEER, said, short, tryOut } from '../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [a, b, c] = [cand(1), cand(2), cand(3)]
const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

class NoPeerRoutersError extends Error {
  override name = 'NoPeerRoutersError'
}

test('fromRouting() asks once about the peer when no address is known', async t => {
  const asked: unknown[] = []
  const components = () => ({ peerRouting: { findPeer: async (id: unknown) => { asked.push(id); return { id, multiaddrs: [bare(9)] } } } as any })
  const trial = tryOut(t, fromRouting(), { components })
  trial.give({ candidates: [], complete: false })
  await trial.settle()
  trial.give({ candidates: [a], complete: true })
  await trial.settle()
  t.deepEqual(asked, [])
  trial.give({ candidates: [] })
  await trial.rest()
  trial.target.invalidate()
  await trial.rest()

  t.deepEqual(asked, [PEER])
  t.is(short(trial.ids), '9')
  t.deepEqual(trial.last?.candidates[0]?.provenance, [{ source: 'routing' }])
})

test('fromRouting() with when: \'exhausted\' asks when all known addresses have failed', async t => {
  const trial = tryOut(t, pipeline(fromCaller(), fromRouting({ when: 'exhausted' }), race()), { from: 'target', components: () => ({ routed: async () => [bare(9)] }) })
  trial.script([a, b], { refuses: 100 })
  trial.script([cand(9)], { connects: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '9 @200'])
  t.is(trial.outputs.length, 1)
})

test('fromRouting() with when: \'exhausted\' asks at once when no address is known', async t => {
  const trial = tryOut(t, pipeline(fromCaller(), fromRouting({ when: 'exhausted' })), { from: 'target', components: () => ({ routed: async () => [bare(9)] }) })
  trial.give()
  await trial.rest()
  t.is(short(trial.ids), '9')
})

test('fromRouting() with when: \'always\' asks at once', async t => {
  const trial = tryOut(t, fromRouting({ when: 'always' }), { components: () => ({ routed: async () => [bare(9)] }) })
  trial.give({ candidates: [a], complete: false })
  await trial.rest()
  t.is(short(trial.ids), '1 9')
})

test('fromRouting() without routers finds nothing and logs nothing', async t => {
  const trial = tryOut(t, fromRouting({ when: 'always' }), { components: () => ({ routed: async () => { throw new NoPeerRoutersError('None') } }) })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.is(said(trial).at(-1), '1')
  t.deepEqual(trial.host.errors, [])
})

test('fromRouting() logs a failed look-up, and the dial continues', async t => {
  const trial = tryOut(t, pipeline(fromCaller(), fromRouting({ when: 'always' }), race()), { from: 'target', components: () => ({ routed: async () => { throw new NotFoundError('Unknown') } }) })
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.is(trial.outputs.length, 1)
  t.is(trial.host.errors.length, 1)
})

test('fromPeerStore() and fromRouting() ask nothing without a peer id', async t => {
  const asked: string[] = []
  const trial = tryOut(t, pipeline(fromPeerStore(), fromRouting({ when: 'always' })), {
    components: () => ({
      peerStore: { get: async () => { asked.push('store') } } as any,
      peerRouting: { findPeer: async () => { asked.push('routing') } } as any
    })
  })
  Object.defineProperty(trial.target, 'current', { value: { multiaddrs: [] } })
  trial.give({ candidates: [c] })
  await trial.rest()
  t.deepEqual(asked, [])
  t.is(said(trial).at(-1), '3')
})

test('an address from the caller, the peer store and routing is one candidate and dialled once', async t => {
  const trial = tryOut(t, pipeline(fromCaller(), fromPeerStore(), fromRouting({ when: 'always' }), race()), {
    from: 'target',
    components: () => ({ stored: [{ multiaddr: bare(1), isCertified: true }], routed: async () => [bare(1), bare(2)] })
  })
  trial.script(cands(1, 2), { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.deepEqual(trial.host.attempts[1]?.candidate.provenance, [{ source: 'routing' }])
})

test('fromRouting() with when: \'exhausted\' asks after a dropped address that a later source lists was tried', async t => {
  let asked = 0
  const whole = pipeline(fromPeerStore(), certified(), fromCaller(), fromRouting({ when: 'exhausted' }), race())
  const trial = tryOut(t, whole, { from: 'target', components: () => ({ stored: [{ multiaddr: bare(1), isCertified: false }], routed: async () => { asked++; return [] } }) })
  trial.script([a], { refuses: 1_000 })
  trial.give({ candidates: [a] })
  await trial.pass(900)
  t.deepEqual(dialled(trial), ['1 @0'])
  t.is(asked, 0)
  await trial.rest()
  t.is(asked, 1)
})

test('fromRouting() with when: \'exhausted\' asks when a later stage has dropped all', async t => {
  const trial = tryOut(t, pipeline(fromCaller(), fromRouting({ when: 'exhausted' }), certified(), race()), { from: 'target', components: () => ({ routed: async () => [bare(9)] }) })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual([...trial.host.story.addresses.values()].map(({ candidate, dropped }) => `${short([candidate])} ${dropped?.stage}`), ['1 certified', '9 certified'])
})

test('fromRouting() with when: \'exhausted\' asks when a re-listed address was dropped again', async t => {
  let asked = 0
  const whole = pipeline(fromPeerStore(), certified(), fromCaller(), fromRouting({ when: 'exhausted' }), filter('slow', async (one, { clock, signal }) => sleep(one.id === b.id ? 0 : 1_000, clock, signal).then(() => one.id === b.id)), race())
  const trial = tryOut(t, whole, { from: 'target', components: () => ({ stored: [{ multiaddr: bare(1), isCertified: false }], routed: async () => { asked++; return [] } }) })
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0'])
  t.is(asked, 1)
  t.true(trial.ended)
})

test('fromRouting() skips an item that is not a multiaddr', async t => {
  const odd = [null, {}, '/ip4/1.2.3.4/tcp/1', new Proxy({}, { get: () => { throw new Error('no') } })]
  const trial = tryOut(t, fromRouting(), { from: 'target', components: () => ({ routed: async () => [...odd, bare(9)] as any }) })
  trial.give()
  await trial.rest()
  t.is(short(trial.ids), '9')
})

test('fromRouting() asks routers to skip their cache after known addresses failed, and passes on their events', async t => {
  const peer = await newPeer()
  const asked: unknown[] = []
  const heard: string[] = []
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 } })
  components.peerRouting.findPeer = async (id, options: any) => {
    asked.push(options.useCache)
    options.onProgress(new CustomEvent('router:asked'))

    return { id, multiaddrs: [] }
  }
  const listen = { onProgress: ({ type }: { type: string }) => { heard.push(type) } }
  await t.throwsAsync(clock.until(engine.dial(address(1, peer), listen)), { name: 'Error' })
  await t.throwsAsync(clock.until(engine.dial(await newPeer(), listen)), { name: 'NoValidAddressesError' })

  t.deepEqual(asked, [false, undefined])
  t.is(heard.filter(type => type === 'router:asked').length, 2)
})

test('the TimeoutError of a dial has the errors of its failed addresses as cause', async t => {
  const peer = await newPeer()
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), fromRouting({ when: 'always' }), race()), { 1: { refuses: 5 } })
  components.peerRouting.findPeer = async () => new Promise(() => {})
  const error = await t.throwsAsync(clock.until(engine.dial(address(1, peer))), { name: 'TimeoutError' })

  t.regex(String(error?.cause), /ECONNREFUSED/)
})
