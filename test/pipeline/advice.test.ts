import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import * as presets from '../../presets/index.ts'
import { backoff, byReputation, certified, dialable, expand, fallback, filter, fromCaller, fromKnown, fromRouting, gather, goDelays, goOrder, libp2pOrder, lookup, onlyIfNone, pipeline, byQuic, quota, race, rank, rankBy, resolve, source, stagger, take, when } from '../../src/stages/index.ts'
import { advice } from '../../src/pipeline/advice.ts'
import { partsOf } from '../../src/pipeline/runtime/make-stage.ts'
import { root } from '../support/root.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const isCertified = ({ isCertified }: { isCertified: boolean }): boolean => isCertified

const odd: Array<readonly [string, AnyStage, RegExp]> = [
  ['a ranker above a source', pipeline(fromCaller(), libp2pOrder(), fromKnown(), race()), /^libp2p-order stands above from-known/],
  ['a ranker of the application above a source', pipeline(fromCaller(), rank('mine', () => 0), fromKnown(), race()), /^mine stands above from-known/],
  ['a ranker between the order of go and its times', pipeline(fromCaller(), goOrder(), byQuic(), goDelays(), race()), /^by-quic stands below go-order/],
  ['a ranker below take', pipeline(fromCaller(), take(2), byQuic(), race()), /^by-quic stands below take, which has dropped all but the first addresses already: put it above$/],
  ['a ranker of the application below take in a preset', presets.adaptive().after('take', rankBy('by-latency', () => 0)), /^by-latency stands below take/],
  ['a ranker above resolve', pipeline(fromCaller(), libp2pOrder(), resolve(), race()), /^libp2p-order stands above resolve, which puts several addresses in the place of one, unsorted: put it below$/],
  ['a reputation above a source', pipeline(fromCaller(), byReputation(() => 1), fromKnown(), race()), /^by-reputation stands above from-known, whose addresses come last whatever the order: put it below$/],
  ['a reputation below take', pipeline(fromCaller(), take(2), byReputation(() => 1), race()), /^by-reputation stands below take/],
  ['a limit above a reputation with a minimum', pipeline(fromCaller(), take(2), byReputation(() => 1, { minScore: 1 }), race()), /^take stands above by-reputation, which drops from what it lets through: put it below$/],
  ['a ranker above an expansion of the application', pipeline(fromCaller(), byQuic(), expand('names', one => [one]), race()), /^by-quic stands above names/],
  ['a limit above a filter', pipeline(fromCaller(), take(2), certified(), race()), /^take stands above certified/],
  ['resolve above a source', pipeline(fromCaller(), resolve(), fromKnown(), race()), /^resolve stands above from-known, whose addresses it never sees: put it below$/],
  ['an expansion of the application above a source', pipeline(fromCaller(), expand('names', one => [one]), fromKnown(), race()), /^names stands above from-known/],
  ['take above a source', pipeline(fromCaller(), take(2), fromKnown(), race()), /^take stands above from-known/],
  ['take above a source and a filter', pipeline(fromCaller(), take(2), fromKnown(), dialable(), race()), /^take stands above from-known/],
  ['quota above a source', pipeline(fromCaller(), quota(), fromKnown(), race()), /^quota stands above from-known/],
  ['dialable above a source', pipeline(fromCaller(), dialable(), fromKnown(), race()), /^dialable stands above from-known/],
  ['dialable between two sources that are resolved', pipeline(fromCaller(), dialable(), resolve(), fromKnown(), resolve(), race()), /^dialable stands above from-known/],
  ['no source of the caller', pipeline(fromKnown(), race()), /^no fromCaller\(\)/],
  ['no source of the caller in one alternative', fallback(pipeline(fromCaller(), race()), pipeline(fromKnown(), race())), /^no fromCaller\(\)/],
  ['dialable above resolve', pipeline(fromCaller(), dialable(), resolve(), race()), /^dialable stands above resolve/],
  ['a last source below backoff', pipeline(fromCaller(), backoff(), fromRouting({ when: 'exhausted' }), race()), /^from-routing stands below backoff/],
  ['onlyIfNone without an end', pipeline(fromCaller(), fromRouting({ when: 'always' }), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as from-routing takes/],
  ['onlyIfNone below a source that asks if no address is known', pipeline(fromCaller(), fromRouting(), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as from-routing takes/],
  ['onlyIfNone below a slow source of the application', pipeline(fromCaller(), source('registry', async () => [], { when: 'exhausted' }), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as registry takes/],
  ['onlyIfNone below resolve', pipeline(fromCaller(), resolve(), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as resolve takes/],
  ['onlyIfNone below lookup', pipeline(fromCaller(), lookup(), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as lookup takes/],
  ['onlyIfNone below an async expansion', pipeline(fromCaller(), expand('names', async one => [one]), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as names takes/],
  ['onlyIfNone below an async filter', pipeline(fromCaller(), filter('mine', async () => true), onlyIfNone(isCertified), race()), /^only-if-none waits for as long as mine takes/],
  ['a wait above the scores', pipeline(fromCaller(), gather(200), byReputation(() => 1), race()), /^gather stands above by-reputation, whose scores it does not wait for: put it below$/],
  ['a fault within a pipeline', pipeline(pipeline(fromCaller(), libp2pOrder()), when(() => true, fromKnown()), race()), /^libp2p-order stands above from-known/],
  ['a fault around a fallback', pipeline(fromCaller(), take(1), fallback(pipeline(certified(), race()), race())), /^take stands above certified/]
]

const page = await readFile(join(root, 'docs/reference/pipelines.md'), 'utf8')
const documented = [...page.matchAll(/^\| `(.+?)` \| (.+ stands .+|.+ waits .+|no fromCaller.+) \|$/gm)].map(([, order = '', says = '']) => ({ order, says }))

/** The advice with the stages of the example left out */
const kindOf = (says: string): string => says.replace(/^\S+ (?=stands|waits)/, '').replace(/(?<=(above|below|long as) )(?!go-order)[\w-]+/, '…')

for (const [what, whole, says] of odd) {
  test(`advice() names once: ${what}`, t => {
    const [first, ...more] = advice(whole)

    t.regex(first ?? '', says)
    t.deepEqual(more, [])
    t.true(documented.some(one => kindOf(one.says) === kindOf(first ?? '')), 'the reference has a row for it')
  })
}

test('advice() says of each order in the reference what is written beside it', t => {
  const known = odd.map(([, whole]) => ({ order: partsOf(whole).filter(({ name }) => name !== 'race').map(({ name }) => name).join(' > '), says: advice(whole)[0] }))

  t.is(documented.length, 13)
  documented.forEach(row => { t.deepEqual(known.find(({ order, says }) => order === row.order && says === row.says), row) })
})

test('advice() returns nothing for orders that make sense', t => {
  t.deepEqual(advice(pipeline(fromKnown(), certified(), fromCaller(), fromRouting({ when: 'exhausted' }), resolve(), dialable(), filter('mine', () => true), libp2pOrder(), take(), stagger(), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), fromRouting(), onlyIfNone(isCertified, { after: 100 }), race())), [])
  t.deepEqual(advice(pipeline(fromKnown(), byReputation(() => 1, { minScore: 1 }), fromCaller(), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), fromKnown(), expand('names', one => [one]), filter('mine', () => true), onlyIfNone(isCertified), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), fromRouting(), resolve(), onlyIfNone(isCertified, { after: Infinity }), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), gather(50), byReputation(() => 1), gather(200), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), gather(50), byReputation(() => 1, { minScore: 1 }), race())), [])
  t.deepEqual(advice(pipeline(fromCaller(), resolve(), take(2), fromKnown(), resolve(), take(4), race())), [])
})

for (const [name, preset] of Object.entries(presets)) {
  if (name !== 'fromConnectionManagerInit') {
    test(`advice() returns nothing for the preset ${name}`, t => {
      t.deepEqual(advice((preset as () => AnyStage)()), [])
    })
  }
}

test('advice() throws for a pipeline that does not connect', t => {
  for (const nonsense of [undefined, race, pipeline(fromCaller()), 'text'] as any[]) {
    t.throws(() => advice(nonsense), { name: 'InvalidPipelineError' })
  }
})
