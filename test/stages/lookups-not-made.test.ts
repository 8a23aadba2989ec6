import test from 'ava'
import { renderWaterfall } from '../../src/trace/svg.ts'
import { renderTrace } from '../../src/trace/text.ts'
import { address } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { faultsOf } from '../trace/schema.ts'
import { routerWorld, whenExhausted, whenStale } from './router-world.ts'

test('a dial of a named address fails at once when it refuses, without a look-up', async t => {
  const { engine, clock, asked } = routerWorld(whenStale, { 1: { refuses: 5 } })
  const error: any = await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))))
  t.is(clock.now(), 5)
  t.deepEqual(asked, [])
  t.like(error.trace.sources.at(-1), { stage: 'from-routing', askedAt: 5, endedAt: 5, addresses: 0, notAsked: 'the caller passed addresses' })
  t.deepEqual(faultsOf(error.trace), [])
  t.regex(renderTrace(error.trace), /from-routing +(\| +\| )?not asked: the caller passed addresses$/m)
  t.notRegex(renderWaterfall(error.trace), /from-routing/)
})

for (const [what, known, findPeer, reason] of [
  ['the peer was looked up lately', true, async () => ({ multiaddrs: [] }), 'the peer was looked up lately. The next look-up is in 30 s at the earliest'],
  ['the node has no router', false, async () => { throw Object.assign(new Error('None'), { name: 'NoPeerRoutersError' }) }, 'no peer router is configured']
] as const) {
  test(`the trace says that routing was not asked when ${what}`, async t => {
    const { engine, clock, components } = routerWorld(whenExhausted, { 1: { refuses: 5 } }, { stored: known ? [1] : [] })
    // `any`: a fake with only the members that the test needs
    components.peerRouting.findPeer = findPeer as any
    const peer = await newPeer()
    await t.throwsAsync(clock.until(engine.dial(peer)))
    const error: any = await t.throwsAsync(clock.until(engine.dial(peer)))

    t.like(error.trace.sources.at(-1), { stage: 'from-routing', addresses: 0, notAsked: reason })
    // the error of an address says enough
    t.is(error.message.includes(`no address found; from-routing not asked: ${reason}`), !known)
  })
}

test('the trace says that one of two dead strangers was not looked up', async t => {
  const { engine, clock } = routerWorld(whenStale, { 1: { refuses: 5 } }, { stored: [1] })
  await t.throwsAsync(clock.until(engine.dial(await newPeer())), { name: 'Error' })
  const error: any = await t.throwsAsync(clock.until(engine.dial(await newPeer())))

  t.is(error.trace.sources.at(-1).notAsked, 'the peer was never connected, and another such peer was looked up lately')
})
