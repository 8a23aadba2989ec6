import { fc } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../src/pipeline/clock.ts'
import { candidate, pipelineOf, race, source } from '../../src/stages/index.ts'
import { scriptedComponents } from '../../src/testing/scripted-components.ts'
import { ScriptedNetwork } from '../../src/testing/scripted-network.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { PEER } from '../testing/try-out.ts'
import { FakeHistory } from './fake-history.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

/** The start of the clock: not 0, so that a rule which depends on that fails */
const BEGIN = 1_700_000_000_000

/** Milliseconds, longer than any attempt and any hold */
const REST = 100_000

const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'

const KINDS: ReadonlyArray<(n: number) => string> = [
  n => `/ip4/203.0.113.${n}/tcp/4001`,
  // another port of the same host
  n => `/ip4/203.0.113.1/tcp/${4001 + n}`,
  n => `/ip4/203.0.113.${n}/udp/4001/quic-v1`,
  n => `/ip6/2001:db8::${n}/tcp/4001`,
  n => `/ip4/203.0.113.${n}/tcp/4001/ws`,
  n => `/ip4/10.0.0.${n}/tcp/4001`,
  n => `/ip4/192.168.0.${n}/udp/4001/quic-v1`,
  n => `/ip4/203.0.113.${n}/tcp/4001/p2p/${RELAY}/p2p-circuit`
]

/** An address of a generated list */
export interface TimedAddress {
  candidate: Candidate
  script: Script
  /** The probability that it answers, in the node's history */
  valid: number
  /** Milliseconds after which a slow source finds it. 0: it is known from the start */
  after: number
}

/** The start of an attempt, in milliseconds after the start of the dial */
export interface Start {
  candidate: Candidate
  at: number
}

const script: fc.Arbitrary<Script> = fc.oneof(
  fc.constant<Script>('silent'),
  fc.record({ refuses: fc.nat(800) }),
  fc.tuple(fc.nat(400), fc.nat(800)).map(([firstResponse, more]) => ({ connects: firstResponse + more, firstResponse }))
)

const address: fc.Arbitrary<Omit<TimedAddress, 'candidate'> & { kind: number, isCertified: boolean, isHearsay: boolean }> = fc.record({
  kind: fc.nat(KINDS.length - 1),
  isCertified: fc.boolean(),
  isHearsay: fc.boolean(),
  script,
  valid: fc.constantFrom(0.1, 0.5, 2 / 3, 0.95),
  after: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.nat(1_500), weight: 1 })
})

/** Lists of addresses that refuse, are silent or connect: direct and relayed, certified or not, known immediately or later */
export const timedList: fc.Arbitrary<readonly TimedAddress[]> = fc.array(address, { minLength: 1, maxLength: 7 }).map(all => all.map(({ kind, isCertified, isHearsay, ...rest }, i) => ({
  ...rest,
  candidate: candidate(multiaddr((KINDS[kind] as (n: number) => string)(i + 1)), PEER, { isCertified, provenance: [{ source: isHearsay ? 'routing' : 'user' }] })
})))

/** Races a list of addresses below some stages. Returns the starts in order */
export async function startsOf (list: readonly TimedAddress[], stages: readonly AnyStage[], options: DialPipelineOptions = {}): Promise<Start[]> {
  const clock = new VirtualClock(BEGIN)
  const network = new ScriptedNetwork(clock, Object.fromEntries(list.map(({ candidate, script }) => [candidate.id, script])))
  const history = new FakeHistory()
  list.forEach(({ candidate: { id }, valid }) => { history.valid.set(id, valid) })
  const { run, end } = testDial({ components: scriptedComponents({ clock, network, peerId: PEER, history }), peerId: PEER, options })

  const slow = list.filter(({ after }) => after > 0).toSorted((a, b) => a.after - b.after)
  const known = source('known', () => list.filter(({ after }) => after === 0).map(({ candidate }) => candidate))
  const found = source('found', async function * ({ signal }) {
    for (const { candidate, after } of slow) {
      await sleep(BEGIN + after - clock.now(), clock, signal)
      yield candidate
    }
  })

  const connections = run(pipelineOf([known, found, ...stages, race()]))
  const isOver = (async () => { for await (const one of connections) { void one } })()
  await clock.advance(REST)
  end()
  await isOver

  return network.attempts.map(({ multiaddr, at }) => ({ at: at - BEGIN, candidate: (list.find(({ candidate }) => candidate.id === multiaddr) as TimedAddress).candidate }))
}

