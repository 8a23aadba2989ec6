import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { attemptRetry, attemptTimeout, fromCaller, gater, pipeline, race, sequential, stagger } from '../../../src/stages/index.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'

const never = new AbortController().signal

/** A node whose gater answers each numbered address after a delay. Default: allows immediately */
function gated (dials: DialPipeline, scripts: Parameters<typeof engineWorld>[1], answers: Record<number, [number, boolean]>): EngineWorld {
  const made = engineWorld(dials, scripts, {
    connectionGater: {
      denyDialMultiaddr: async multiaddr => {
        const [ms, isDenied] = answers[Number(multiaddr.toString().split('/')[2]?.split('.').at(-1))] ?? [0, false]

        if (ms > 0) {
          await (ms === Infinity ? new Promise(() => {}) : sleep(ms, made.clock, never))
        }

        return isDenied
      }
    }
  })

  return made
}

const dialledBy = ({ network }: EngineWorld): string[] => network.attempts.map(({ at }, i) => `${network.dialled[i]?.split('/')[2]} @${at}`)

for (const [what, dials] of [
  ['with gater()', pipeline(fromCaller(), gater(), stagger(250), race())],
  ['without gater()', pipeline(fromCaller(), stagger(250), race())],
  ['with layers around the attempts', pipeline(fromCaller(), stagger(250), race({ attempt: [attemptRetry(1), attemptTimeout()] }))]
] as const) {
  test(`${what}: a gater that hangs for one address does not delay the others`, async t => {
    const peer = await newPeer()
    const node = gated(dials, { 2: { refuses: 10 }, 3: { connects: 10 } }, { 1: [Infinity, false] })
    const connection = await node.clock.until(node.engine.dial([1, 2, 3].map(n => address(n, peer))))

    t.is(connection.remoteAddr.toString(), address(3, peer).toString())
    t.deepEqual(dialledBy(node).slice(0, 1), ['192.0.2.2 @0'])
    t.is(node.engine.attempts.size + node.clock.pending, 0)
  })
}

test('an address that the gater allows late starts at the pace of its race', async t => {
  const peer = await newPeer()
  const answers: Record<number, [number, boolean]> = { 1: [100, false], 3: [100, false] }
  const staggered = gated(pipeline(fromCaller(), stagger(250), race()), { 3: { connects: 10 } }, answers)
  await staggered.clock.until(staggered.engine.dial([1, 2, 3].map(n => address(n, peer))))
  t.deepEqual(dialledBy(staggered), ['192.0.2.2 @0', '192.0.2.1 @250', '192.0.2.3 @600'])

  const one = gated(pipeline(fromCaller(), sequential(), race()), { 1: { connects: 10 }, 2: { refuses: 500 } }, answers)
  await one.clock.until(one.engine.dial([1, 2].map(n => address(n, peer))))
  t.deepEqual(dialledBy(one), ['192.0.2.2 @0', '192.0.2.1 @500'])
})

test('an address that the gater denies late fails with DialDeniedError', async t => {
  const peer = await newPeer()
  const node = gated(pipeline(fromCaller(), race()), { 2: { refuses: 10 } }, { 1: [100, true] })
  const error = await t.throwsAsync(node.clock.until(node.engine.dial([1, 2].map(n => address(n, peer)))), { instanceOf: AggregateError })

  t.deepEqual(error?.errors.map(({ name }) => name), ['DialDeniedError', 'Error'])
})

test('addresses that an async gater allows together are dialled once each, in their order', async t => {
  const peer = await newPeer()
  const node = gated(pipeline(fromCaller(), sequential(), race()), { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { connects: 10 } }, {})
  const dial = node.engine.dial([1, 2, 3].map(n => address(n, peer)))
  const [dialing] = node.engine.dials.running
  await node.clock.until(dial)

  t.deepEqual(dialledBy(node), ['192.0.2.1 @0', '192.0.2.2 @10', '192.0.2.3 @20'])
  t.deepEqual(Array.from(dialing?.run?.story.addresses.values() ?? [], ({ attempts }) => attempts.length), [1, 1, 1])
})

test('a dial that times out while its gater hangs leaves nothing behind', async t => {
  const peer = await newPeer()
  const node = gated(pipeline(fromCaller(), race()), {}, { 1: [Infinity, false] })
  await t.throwsAsync(node.clock.until(node.engine.dial(address(1, peer))), { name: 'TimeoutError' })
  await node.clock.advance(0)

  t.is(node.engine.attempts.size + node.engine.dials.running.size + node.clock.pending, 0)
})
