import { NotFoundError } from '@libp2p/interface'
import test from 'ava'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { cand, errorsOf, said, short, tryOut } from '../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [a, b] = [cand(1), cand(2)]
const bare = (n: number): Multiaddr => cand(n).multiaddr.decapsulate('/p2p')

test('what the peer store holds, and who says so', async t => {
  const trial = tryOut(t, fromPeerStore(), {
    from: 'target',
    components: () => ({ stored: [{ multiaddr: bare(1), isCertified: true }, { multiaddr: a.multiaddr, isCertified: false }, { multiaddr: bare(2), isCertified: false }] })
  })
  trial.give()
  await trial.rest()
  t.deepEqual(trial.last?.candidates.map(({ id, isCertified, provenance }) => [short([id]), isCertified, provenance.map(({ source }) => source)]), [
    ['1', true, ['certified', 'peer-store']],
    ['2', false, ['peer-store']]
  ])
})

test('a peer that it does not know is no failure', async t => {
  const trial = tryOut(t, fromPeerStore(), { components: () => ({ peerStore: { get: async () => { throw new NotFoundError() } } as any }) })
  const logged = errorsOf(trial)
  trial.give({ candidates: [b] })
  await trial.rest()
  t.deepEqual(said(trial).at(-1), '2')
  t.deepEqual(logged, [])
})

test('one that is broken is logged', async t => {
  const trial = tryOut(t, fromPeerStore(), { components: () => ({ peerStore: { get: async () => { throw new Error('Broken') } } as any }) })
  const logged = errorsOf(trial)
  trial.give({ candidates: [b] })
  await trial.rest()
  t.is(said(trial).at(-1), '2')
  t.is(logged.length, 1)
})

test('is told to stop when the dial is over', async t => {
  let given: AbortSignal | undefined
  const trial = tryOut(t, fromPeerStore(), {
    components: () => ({
      peerStore: {
        get: async (_id: unknown, { signal }: { signal: AbortSignal }) => {
          given = signal
          return new Promise(() => {})
        }
      } as any
    })
  })
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 …'])
  trial.leave()
  t.true(given?.aborted)
})
