import test from 'ava'
import PQueue from 'p-queue'
import { dose } from '../support/dose.ts'
import { ALL, pairsOf, pairwise } from './known/combinations.ts'
import { expectationOf, RULES } from './known/expected.ts'
import { createRemote, live } from './known/life.ts'
import type { Combination } from './known/combinations.ts'
import type { Outcome, Remote } from './known/life.ts'

// Each preset in real nodes over real sockets, with an address of each kind, from each source, at each stage of a node's life.
// `npm test` runs a pairwise cover, `npm run test:all` all combinations.

const SEED = 14
const COVER = pairwise(ALL, SEED)
const PLAYED = dose(ALL.length, COVER.length) === ALL.length ? ALL : COVER

/** Presets that promise to dial the addresses that libp2p's own dialer dials */
const LIKE_LIBP2P = new Set<Combination['preset']>(['stock', 'fromConnectionManagerInit'])

const queue = new PQueue({ concurrency: 12 })
const controls = new Map<string, Promise<Outcome>>()
let remotes: { readonly public: Remote, readonly private: Remote }

test.before(async () => {
  remotes = { public: await createRemote(true), private: await createRemote(false) }
})

test.after.always(async () => {
  await Promise.all([remotes.public.stop(), remotes.private.stop()])
})

for (const combination of PLAYED) {
  const expectation = expectationOf(combination)

  test(`${titleOf(combination)}: ${expectation}`, async t => {
    const remote = remotes[combination.isPublic ? 'public' : 'private']
    const address = remote.address.toString()
    const outcome = await queue.add(async () => live(combination, remote, 'ours'))

    switch (expectation) {
      case 'returns the open connection':
        t.like(outcome, { result: 'open connection', dialled: [] })
        break
      case 'connects':
        t.like(outcome, { result: 'new connection', dialled: [address] })
        break
      case 'dials nothing':
        t.like(outcome, { result: 'NoValidAddressesError', dialled: [] })
        break
    }

    if (combination.place !== 'book') {
      const control = await controlOf(combination, remote)
      t.like(control, combination.state === 'connected' ? { result: 'open connection' } : { result: 'new connection', dialled: [address] })

      if (LIKE_LIBP2P.has(combination.preset)) {
        t.deepEqual(outcome, control)
      }
    }
  })
}

test('each pair of values occurs in a combination that npm test runs', t => {
  const played = new Set(COVER.flatMap(pairsOf))

  t.deepEqual(ALL.flatMap(pairsOf).filter(pair => !played.has(pair)), [])
  t.deepEqual(pairwise(ALL, SEED), COVER)
  t.true(COVER.length <= 72, `${COVER.length}`)
})

test('each rule decides a combination that npm test runs', t => {
  const counts = new Set(COVER.map(combination => RULES.find(({ isFor }) => isFor(combination))))

  t.deepEqual(RULES.filter(rule => !counts.has(rule)), [])
})

/** Returns the outcome of libp2p's own dialer, which ignores presets, books and provenance */
async function controlOf ({ place, isPublic, isSigned, state, hasMet }: Combination, remote: Remote): Promise<Outcome> {
  const of: Combination = { preset: 'stock', place, isPublic, isSigned, state, hasMet, isAttributed: false }
  const key = pairsOf(of).join()
  const control = controls.get(key) ?? queue.add(async () => live(of, remote, 'libp2p'))
  controls.set(key, control)

  return control
}

function titleOf ({ preset, place, isPublic, isSigned, state, hasMet, isAttributed }: Combination): string {
  const source = { caller: 'from the caller', book: 'in the address book', 'peer store': 'in the peer store', router: 'from a router' }[place]

  return [
    `${preset}()`,
    `a ${isPublic ? 'public' : 'private'} address ${isSigned ? 'that the peer has signed, ' : ''}${source}`,
    hasMet || state === 'fresh' ? state : `never connected, ${state}`,
    ...isAttributed ? ['with withProvenance()'] : []
  ].join(', ')
}
