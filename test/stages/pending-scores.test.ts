import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { fallback, filter, gather, hold, pipeline, source } from '../../src/pipeline/index.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { byReputation } from '../../src/stages/by-reputation.ts'
import { certified } from '../../src/stages/certified.ts'
import { race } from '../../src/stages/race.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dialling, listening } from '../libp2p/kit.ts'
import { bareAddress, cand, cands, dialled, said, short, tryOut } from '../testing/try-out.ts'
import type { Score } from '../../src/stages/by-reputation.ts'

/** A score service that never answers */
const hangs: Score = async (_one, { clock, signal }) => sleep(1e9, clock, signal).then(() => 1)

for (const [what, stages] of Object.entries({
  'with scores that never arrive': pipeline(byReputation(hangs), race()),
  'that has gathered scores for 200 ms': pipeline(byReputation(hangs), gather(200), race()),
  'below a filter that passes all, with scores that never arrive': pipeline(filter('all', async () => true), byReputation(hangs), race())
})) {
  test(`a dial ${what} fails when its addresses have failed`, async t => {
    const trial = tryOut(t, stages)
    trial.script(cands(1, 2), { refuses: 10 })
    trial.give({ candidates: cands(1, 2) })
    await trial.pass(300)

    t.is(dialled(trial).length, 2)
    t.true(trial.ended)
  })
}

for (const where of ['above', 'below']) {
  test(`an exhausted source ${where} scores that never arrive is asked at once when all addresses have failed`, async t => {
    const asked: number[] = []
    const lookUp = source('look-up', ({ clock }) => {
      asked.push(trial.since(clock.now()))

      return [bareAddress(9)]
    }, { when: 'exhausted' })
    const scores = byReputation(hangs)
    const trial = tryOut(t, where === 'above' ? pipeline(lookUp, scores, race()) : pipeline(scores, lookUp, race()))
    trial.script(cands(1, 9), { refuses: 10 })
    trial.give({ candidates: cands(1) })
    await trial.pass(300)

    t.deepEqual(asked, [10])
    t.true(trial.ended)
  })
}

test('a fallback() below scores that never arrive runs its next pipeline at once', async t => {
  const trial = tryOut(t, pipeline(byReputation(hangs), fallback(pipeline(certified(), race()), race())))
  trial.script(cands(1, 2), { refuses: 10 })
  trial.give({ candidates: [cand(1, { isCertified: true }), cand(2)] })
  await trial.pass(300)

  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.true(trial.ended)
})

test('the last address of a dial with pending scores does not wait for a hold', async t => {
  const trial = tryOut(t, pipeline(byReputation(hangs), hold('later', race => race.startedAt + 500), race()))
  trial.give({ candidates: cands(1) })
  await trial.pass(10)

  t.deepEqual(dialled(trial), ['1 @0'])
})

test('failed addresses are retried during a look-up, although scores are pending', async t => {
  const lookUp = source('look-up', async ({ clock, signal }) => sleep(5_000, clock, signal).then(() => []), { when: 'exhausted' })
  const dials = async (scored: boolean): Promise<string[]> => {
    const trial = tryOut(t, scored ? pipeline(lookUp, byReputation(hangs), race()) : pipeline(lookUp, race()))
    trial.script(cands(1), { refuses: 10 })
    trial.give({ candidates: cands(1) })
    await trial.rest()
    t.true(trial.ended)

    return dialled(trial)
  }

  t.deepEqual(await dials(true), await dials(false))
})

test('gather() waits for scores, also below a stage that passes the order on', async t => {
  const scores = byReputation((one, { clock, signal }) => sleep(100, clock, signal).then(() => Number(short([one]))))
  const trial = tryOut(t, pipeline(scores, filter('all', () => true), gather(200)))
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(99)
  t.is(said(trial).at(-1), '…')
  await trial.pass(1)
  t.is(said(trial).at(-1), '2 1')
})

test('a dial with a minimum score waits for the scores of addresses that it holds back', async t => {
  const trial = tryOut(t, pipeline(byReputation(hangs, { minScore: 1 }), race()))
  trial.give({ candidates: cands(1) })
  await trial.rest()

  t.false(trial.ended)
})

for (const [what, stage] of [
  ['score', byReputation((one, dial) => one.isCertified ? 1 : hangs(one, dial), { minScore: 1 })],
  ['verdict', filter('picky', async (one, { clock, signal }) => one.isCertified || sleep(1e9, clock, signal).then(() => true))]
] as const) {
  test(`a pending ${what} of an address that has changed does not keep a dial from failing`, async t => {
    const trial = tryOut(t, pipeline(stage, race()))
    trial.script(cands(1), { refuses: 10 })
    trial.give({ candidates: cands(1) })
    await trial.pass(100)
    t.deepEqual(dialled(trial), [])
    trial.give({ candidates: [cand(1, { isCertified: true })] })
    await trial.pass(100)

    t.deepEqual(dialled(trial), ['1 @100'])
    t.true(trial.ended)
  })
}

test('a dial whose address refuses fails as with libp2p although the score service hangs', async t => {
  const [peer, dead, stock, node] = await Promise.all([newPeer(), refused(), listening(t, { listen: [] }), dialling(t, adaptive().after('by-history', byReputation(async () => new Promise(() => {}))))])
  const target = dead.multiaddr.encapsulate(`/p2p/${peer}`)
  const [theirs, ours] = await Promise.all([stock, node].map(async one => t.throwsAsync(one.dial(target))))

  t.is(ours?.name, theirs?.name)
  t.regex(ours?.message ?? '', /ECONNREFUSED/)
})
