import test from 'ava'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { behindRelay, circuit, node } from '../behind-relay.ts'

const byTier = filter('by-tier', () => true, { options: ['tier'] })
const byOtherTier = filter('by-tier', () => true, { options: ['tier'] })
const one = pipeline(fromCaller(), byTier, race())
const allowed = new Set(['gold'])

for (const [what, first, second, isShared] of [
  ['the same filter, and options of equal data', { pipeline: one, tier: { gold: [1] } }, { pipeline: pipeline(fromCaller(), byTier, stagger(100), race()), tier: { gold: [1] } }, true],
  ['the same filter, and one Set as its option', { pipeline: one, tier: allowed }, { pipeline: pipeline(fromCaller(), byTier, stagger(100), race()), tier: allowed }, true],
  ['the same filter, and options of other data', { pipeline: one, tier: { gold: [1] } }, { pipeline: one, tier: { gold: [2] } }, false],
  ['the same filter, and a Set each', { pipeline: one, tier: allowed }, { pipeline: one, tier: new Set(allowed) }, false],
  ['a filter each, of one name', { pipeline: one }, { pipeline: pipeline(fromCaller(), byOtherTier, race()) }, false]
] as const) {
  test(`two dials with ${what} ${isShared ? 'share' : 'do not share'} the attempt at a relayed address`, async t => {
    const { engine, clock, network } = behindRelay(node)
    const both = await clock.until(Promise.all([first, second].map(async options => engine.dial(circuit(), options as object))))

    t.is(both[0] === both[1], isShared)
    t.is(network.attempts.filter(({ multiaddr }) => multiaddr.includes('p2p-circuit')).length, isShared ? 1 : 2)
  })
}
