import test from 'ava'
import { adaptive, aggressive, frugal } from '../../presets/index.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { has } from '../helpers/has.ts'
import { all, MIX, play } from './scene.ts'

const { loopback, tcp, quic4, quic6, wss, relayed } = MIX
/** One dial in fifty keeps the order from above: none here */
const steady = ({ lambda }: { lambda?: number } = {}) => adaptive({ lambda }).replace('by-history', byHistory({ lambda, explore: 0 }))

test('a new node dials what takes fewer round trips first, and what is relayed last', async t => {
  const { dialled } = await play(steady(), { given: [relayed, tcp, quic4] })

  t.deepEqual(dialled, [quic4, tcp, relayed])
})

test('what is about as good keeps libp2p\'s order', async t => {
  const given = ['/ip4/8.8.4.4/tcp/4001', tcp, '/ip4/8.8.4.4/tcp/4002']

  t.deepEqual((await play(steady(), { given: [loopback, ...given] })).dialled, [...given, loopback])
})

test('a new node waits for little, never less than 10 ms', async t => {
  const { times } = await play(steady(), { given: [quic4, quic6, tcp, wss] })

  t.deepEqual(times.slice(0, 2), [0, 10])
  t.true((times.at(-1) ?? NaN) < 250, `${times}`)
  times.slice(1).forEach((at, i) => { t.true(at - (times[i] ?? NaN) >= 10, `${times}`) })
})

test('frugal waits longer, aggressive less', async t => {
  const given = [1, 2, 3, 4, 5, 6].map(n => `/ip4/8.8.8.${n}/tcp/4001`)
  const [few, some, many] = await Promise.all([frugal(), adaptive(), aggressive()].map(async preset => (await play(preset, { given })).times.at(-1) ?? NaN)) as [number, number, number]

  t.true(few > some && some > many, `${few} ${some} ${many}`)
})

test('the peer store only where the caller gives nothing, routing when all that is known has failed', async t => {
  has(t, await play(adaptive(), { given: [tcp], stored: [wss], routed: [quic4], network: all([tcp], { refuses: 10 }) }), { dialled: [tcp, quic4], asked: 1 })
  has(t, await play(adaptive(), { stored: [wss], routed: [quic4], network: all([wss], { refuses: 10 }) }), { dialled: [wss, quic4], asked: 1 })
  has(t, await play(adaptive(), { routed: [quic4] }), { dialled: [quic4], asked: 1 })
})

test('lambda reaches order and time', t => {
  for (const lambda of [NaN, -1]) {
    t.throws(() => adaptive({ lambda }), { name: 'InvalidPipelineError' })
  }

  t.deepEqual(adaptive().stages.map(({ name }) => name), [
    'from-caller', 'from-known', 'from-routing', 'resolve', 'dialable', 'scope', 'gater', 'black-hole', 'backoff',
    'libp2p-order', 'by-history', 'quota', 'local-hearsay-last', 'take', 'odds-pace', 'few-local-hearsay', 'race'
  ])
})
