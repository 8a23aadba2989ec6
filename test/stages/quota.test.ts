import test from 'ava'
import { testProp, fc } from '@fast-check/ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { rank } from '../../src/pipeline/authoring/rank.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { quota } from '../../src/stages/quota.ts'
import { race } from '../../src/stages/race.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dose } from '../support/dose.ts'
import { cand, reason, said, short, tryOut } from '../testing/try-out.ts'
import type { AddressReport, Candidate } from '../../src/pipeline/types.ts'

function of (n: number, ...provenance: readonly AddressReport[]): Candidate {
  return cand(`/ip4/203.0.113.${n % 256}/tcp/${4001 + Math.floor(n / 256)}`, { provenance })
}

test('quota() keeps the first addresses of each source', async t => {
  const trial = tryOut(t, quota({ source: { dht: 1, pubsub: 1 } }))
  trial.give({ candidates: [of(1, { source: 'dht' }), of(2, { source: 'dht' }), of(3, { source: 'user' }), of(4, { source: 'pubsub' }), of(5, { source: 'user' }), of(6)] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 3 4 5 6'])
  t.is(reason(trial, of(2)), 'more than 1 from dht')
})

test('quota() counts the answers of a name for the source that named it', async t => {
  const trial = tryOut(t, quota({ source: { dht: 1 } }))
  trial.give({ candidates: [1, 2, 3].map(n => of(n, { source: 'dht' }, { source: 'dns' })).concat(of(4, { source: 'user' }, { source: 'dns' }), of(5, { source: 'dns' })) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 4 5'])
})

test('quota() keeps the first addresses of each reporter', async t => {
  const trial = tryOut(t, quota({ reporter: 2 }))
  trial.give({ candidates: [1, 2, 3].map(n => of(n, { source: 'dht', reporter: 'a' })).concat(of(4, { source: 'dht', reporter: 'b' })) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2 4'])
  t.is(reason(trial, of(3)), 'more than 2 from a')
})

test("quota() with excess: 'last' ranks addresses over the limit last", async t => {
  const trial = tryOut(t, quota({ source: { dht: 1 }, excess: 'last' }))
  trial.give({ candidates: [1, 2, 3].map(n => of(n, { source: 'dht' })).concat(of(4, { source: 'user' })) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 4 2 3'])
})

test("quota() with excess: 'last' drops addresses beyond maxPeerAddrsToDial, with the exceeded limit as reason", async t => {
  const trial = tryOut(t, quota({ source: { dht: 1 }, excess: 'last' }))
  trial.give({ candidates: Array.from({ length: 30 }, (_, n) => of(n, { source: 'dht' })) })
  await trial.settle()
  t.is(trial.outputs.at(-1)?.candidates.length, 25)
  t.is(reason(trial, of(24)), undefined)
  t.is(reason(trial, of(25)), 'more than 1 from dht')
})

test("quota() with excess: 'last' dials at most maxPeerAddrsToDial addresses, although failed ones sink", async t => {
  const junk = Array.from({ length: 100 }, (_, n) => address(n % 254))
  const sinking = rank('sinking', (a, b, dial) => Number(dial.tried(a)) - Number(dial.tried(b)))
  const found = source('dht', () => junk)
  const { engine, clock, network } = engineWorld(pipeline(found, sinking, quota({ excess: 'last' }), race()))
  junk.forEach(one => { network.script(one.toString(), { refuses: 1 }) })

  await t.throwsAsync(clock.until(engine.dial(await newPeer(), { signal: new AbortController().signal })), { name: 'AggregateError' })
  t.is(network.dialled.length, 25)
})

test('quota() throws for another value of excess', t => {
  t.throws(() => quota({ excess: 'first' as any }), { name: 'InvalidPipelineError', message: "quota() needs 'drop' or 'last' as excess, not 'first'" })
})

test('quota() does not limit an address that an unlimited source names too', async t => {
  const trial = tryOut(t, quota({ source: { dht: 1 } }))
  trial.give({ candidates: [of(1, { source: 'dht' }, { source: 'certified' }), of(2, { source: 'dht' })] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})

test('quota() keeps a good address behind 2,000 of the DHT', async t => {
  const junk = Array.from({ length: 2_000 }, (_, n) => of(n, { source: 'dht', reporter: `${n % 5}` }))
  const good = cand('/ip4/198.51.100.1/tcp/4001', { provenance: [{ source: 'identify' }] })
  const trial = tryOut(t, quota())
  trial.give({ candidates: [...junk, good] })
  await trial.settle()

  const kept = trial.outputs.at(-1)?.candidates ?? []
  t.is(kept.length, 17)
  t.is(kept.at(-1), good)
})

test('quota() keeps the place of a failed address, although a ranker moved it', async t => {
  const junk = Array.from({ length: 10 }, (_, n) => address(n))
  const { engine, clock, network } = engineWorld(pipeline(
    source('gossip', () => junk, { provenance: 'dht' }),
    rank('failed-last', (a, b, dial) => Number(dial.everTried(a)) - Number(dial.everTried(b))),
    quota({ source: { dht: 3 } }),
    race()
  ), Object.fromEntries(junk.map((_, n) => [n, { refuses: 10 }])))

  await t.throwsAsync(clock.until(engine.dial(await newPeer())), { name: 'AggregateError' })
  t.deepEqual(network.dialled, junk.slice(0, 3).map(String))
})

test('quota() throws for an invalid limit', t => {
  for (const nonsense of [-1, Number.NaN, 'many'] as any[]) {
    t.throws(() => quota({ reporter: nonsense }), { name: 'InvalidPipelineError' })
    t.throws(() => quota({ source: { dht: nonsense } }), { name: 'InvalidPipelineError' })
  }
})

const attestation = fc.record({ source: fc.constantFrom('user', 'dht', 'pubsub'), reporter: fc.constantFrom(undefined, 'a', 'b') })

testProp('quota() keeps no more than the limits of each source and reporter, for random addresses', [fc.array(fc.array(attestation, { minLength: 1, maxLength: 1 }), { maxLength: 40 }), fc.nat(5), fc.nat(5)], async (t, provenances, dht, reporter) => {
  const trial = tryOut(t, quota({ source: { dht }, reporter }))
  const candidates = provenances.map((provenance, n) => of(n, ...provenance))
  trial.give({ candidates })
  await trial.settle()

  const kept = trial.outputs.at(-1)?.candidates ?? []
  const by = (key: 'source' | 'reporter', name: string) => kept.filter(({ provenance }) => provenance[0]?.[key] === name).length
  t.true(by('source', 'dht') <= dht)
  t.true(by('reporter', 'a') <= reporter)
  t.true(by('reporter', 'b') <= reporter)
  t.is(short(kept), short(candidates.filter(one => kept.includes(one))))
}, { numRuns: dose(200) })
