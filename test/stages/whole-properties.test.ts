import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { certified } from '../../src/stages/certified.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { gater } from '../../src/stages/gater.ts'
import { libp2pOrder } from '../../src/stages/libp2p-order.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { dose } from '../support/dose.ts'
import { cand, isOver, PEER, tryOut, winners } from '../testing/try-out.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { AbortOptions, MultiaddrResolver, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

const ADDRESSES = 8

/** Minimum milliseconds of silence after which a race does not wait for an attempt alone */
const SILENCE = 1_000

/** Some addresses answer, some are silent, and some are denied by the gater. A name resolves to some of them */
interface World {
  scripts: Script[]
  denied: number[]
  named: number[]
  caller: number[]
  joins?: { after: number, adds: number[] }
  store: number[]
  routing: number[]
  times: { store: number, routing: number, name: number, gater: number }
}

const world: fc.Arbitrary<World> = fc.record({
  scripts: fc.array(fc.oneof(fc.record({ connects: fc.nat(2_000) }), fc.record({ refuses: fc.nat(2_000) }), fc.constant<Script>('silent')), { minLength: ADDRESSES, maxLength: ADDRESSES }),
  denied: fc.uniqueArray(fc.nat(ADDRESSES - 1), { maxLength: 3 }),
  named: fc.uniqueArray(fc.nat(ADDRESSES - 1), { maxLength: 2 }),
  caller: fc.uniqueArray(fc.nat(ADDRESSES), { maxLength: 3 }),
  joins: fc.option(fc.record({ after: fc.nat(20_000), adds: fc.uniqueArray(fc.nat(ADDRESSES), { maxLength: 2 }) }), { nil: undefined }),
  store: fc.uniqueArray(fc.nat(ADDRESSES), { maxLength: 3 }),
  routing: fc.uniqueArray(fc.nat(ADDRESSES), { maxLength: 3 }),
  times: fc.record({ store: fc.nat(500), routing: fc.nat(3_000), name: fc.nat(500), gater: fc.nat(100) })
})

const isSigned = (n: number): boolean => n % 2 === 0

/** The last number is the name */
const addressOf = (n: number): Multiaddr => n === ADDRESSES ? multiaddr('/dnsaddr/peer.example') : cand(n + 1).multiaddr.decapsulate('/p2p')

const SIGNED = await recordOf(PEER, Array.from({ length: ADDRESSES + 1 }, (_, n) => n).filter(isSigned).map(addressOf))

const below = pipeline(fromRouting({ when: 'exhausted' }), resolve(), dialable(), gater(), libp2pOrder(), take(), stagger(), race())

const WHOLE = {
  'the caller, or else the peer store': { whole: pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), below), stored: () => true },
  'certified addresses, and the caller': { whole: pipeline(fromPeerStore(), certified(), fromCaller(), below), stored: isSigned }
}

for (const [name, { whole, stored }] of Object.entries(WHOLE)) {
  testProp(`a dial connects if an allowed address answers, ends otherwise, and leaves nothing (${name})`, [world], async (t, world) => dialIn(t, world, whole, stored), { numRuns: dose(100) })
}

async function dialIn (t: ExecutionContext, { scripts, denied, named, caller, joins, store, routing, times }: World, whole: AnyStage, stored: (n: number) => boolean): Promise<void> {
  const users = [...caller]
  const known = (): number[] => [...users, ...asked.has('store') ? store.filter(stored) : [], ...asked.has('routing') ? routing : []].flatMap(n => n === ADDRESSES ? named : n)
  const isDenied = (one: Multiaddr): boolean => denied.some(n => one.toString().includes(addressOf(n).toString()))
  const asked = new Set<string>()
  const trial = tryOut(t, whole, {
    from: 'target',
    components: ({ clock }) => {
      const resolver: MultiaddrResolver = {
        canResolve: one => one.toString().startsWith('/dnsaddr/'),
        resolve: async (_one, { signal }) => {
          await sleep(times.name, clock, signal as AbortSignal)
          return named.map(addressOf)
        }
      }

      return {
        settings: { resolvers: { resolver }, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25 },
        connectionGater: { denyDialMultiaddr: async one => sleep(times.gater, clock, new AbortController().signal).then(() => isDenied(one)) },
        peerStore: {
          get: async (id: PeerId, { signal }: Required<AbortOptions>) => {
            asked.add('store')
            await sleep(times.store, clock, signal)
            return { id, addresses: store.map(n => ({ multiaddr: addressOf(n), isCertified: isSigned(n) })), peerRecordEnvelope: SIGNED }
          }
        } as any,
        peerRouting: {
          findPeer: async (id: PeerId, { signal }: Required<AbortOptions>) => {
            const silent = trial.host.attempts.filter(({ startedAt = Infinity }) => clock.now() - startedAt >= SILENCE)
            const inVain = new Set([...trial.dial.outcomes, ...silent].map(({ candidate }) => candidate.id))
            t.true(known().every(n => denied.includes(n) || inVain.has(cand(n + 1).id)), 'it asks the routing when all else has failed, or is silent')
            asked.add('routing')
            await sleep(times.routing, clock, signal)
            return { id, multiaddrs: routing.map(addressOf) }
          }
        } as any
      }
    }
  })

  scripts.forEach((script, n) => { trial.script([cand(n + 1)], script) })
  trial.give({ candidates: caller.map(n => cand(addressOf(n).toString())) })
  await trial.pass(joins?.after ?? 0)
  const isTooLate = trial.isOver

  if (!isTooLate && joins != null) {
    users.push(...joins.adds)
    trial.give({ candidates: joins.adds.map(n => cand(addressOf(n).toString())) })
  }

  await trial.pass(200_000)

  const answering = known().filter(n => {
    const script = scripts[n]

    return !denied.includes(n) && typeof script === 'object' && 'connects' in script
  })

  t.true(trial.ended, 'it has ended')
  t.is(trial.failure, undefined)
  t.is(winners(trial) !== '', answering.length > 0, 'it has connected if it could')
  t.true(answering.length > 0 || asked.has('routing'), 'it asks the routing before it gives up')
  t.true(caller.length > 0 || asked.has('store'), 'it looks into the peer store when the caller knows nothing')
  t.true(trial.host.attempts.every(({ candidate }) => isOver(trial, candidate)), 'no attempt goes on')
  t.is(trial.clock.pending, 0, 'no timer is set')
  t.is(trial.network.open.length, trial.outputs.length, 'what is open was yielded')
}
