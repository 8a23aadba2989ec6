import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { cand, reason, runStage, said, tryOut } from '../testing/try-out.ts'
import { name, wide, zone } from './name-zone.ts'
import type { MultiaddrResolver } from '@libp2p/interface'

test('resolve() follows names of names, four deep', async t => {
  const { asked, ...fixture } = zone({ 'a.example': ['b.example', 1], 'b.example': ['c.example'], 'c.example': ['d.example'], 'd.example': [4, 'e.example'], 'e.example': [5] })
  const trial = await runStage(t, resolve(), [name('a.example')], fixture)
  t.is(said(trial).at(-1), '1 4')
  t.deepEqual(asked, ['a.example', 'b.example', 'c.example', 'd.example'])
})

test('resolve() drops names behind more than 4 names, with the reason', async t => {
  const one = name('a.example')
  const trial = await runStage(t, resolve(), [one], zone({ 'a.example': ['a.example'] }))
  t.is(said(trial).at(-1), '')
  t.is(reason(trial, one), 'resolves to names of names, more than 4 deep')
})

test('resolve() makes at most 32 queries in a dial', async t => {
  const { asked, ...fixture } = zone({ ...wide(40), 'late.example': [77] }, text => text === 'late.example' ? 0 : 10)
  const [all, late] = [name('wide.example'), name('late.example')]
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [all], complete: false })
  await trial.rest()
  trial.give({ candidates: [all, late] })
  await trial.rest()

  t.is(asked.length, 32)
  t.is(trial.last?.candidates.length, 31)
  t.is(reason(trial, late), 'takes more than the 32 queries of a dial to resolve')
})

test('resolve() may make 32 queries again in the next run of retry()', async t => {
  const { asked, ...fixture } = zone(wide(40))
  const trial = tryOut(t, retry(pipeline(resolve(), race())), fixture)
  trial.script(Array.from({ length: 40 }, (_, i) => cand(i)), { refuses: 1 })
  trial.give({ candidates: [name('wide.example')] })
  await trial.rest()
  t.is(asked.length, 2 * 32)
})

test('resolve() adds at most 100 addresses in a dial', async t => {
  const count = (from: number): number[] => Array.from({ length: 80 }, (_, i) => from + i)
  const trial = await runStage(t, resolve(), [name('a.example'), cand('/ip4/203.0.113.1/tcp/1'), name('b.example')], zone({ 'a.example': count(0), 'b.example': count(80) }))
  t.is(trial.last?.candidates.length, 101)
})

test('resolve() drops a name whose addresses exceed the limit, with the reason', async t => {
  const trial = await runStage(t, resolve(), [name('a.example'), name('b.example')], zone({ 'a.example': Array.from({ length: 100 }, (_, i) => i), 'b.example': [200] }, text => text === 'b.example' ? 10 : 0))
  t.is(reason(trial, name('b.example')), 'resolves to more than the 100 addresses of a dial')
})

test('resolve() reads at most 132 items of each answer', async t => {
  const answer = Array.from({ length: 100_000 }, (_, i) => multiaddr(`/dnsaddr/${i}.example`))
  let [asked, read] = [0, 0]
  const many: MultiaddrResolver = {
    canResolve: one => {
      read++

      return one.getComponents()[0]?.name === 'dnsaddr'
    },
    resolve: async () => {
      asked++

      return answer
    }
  }
  const trial = await runStage(t, resolve({ resolvers: { many } }), [name('peer.example')])

  t.true(trial.last?.value.complete)
  t.is(asked, 32)
  // each queried name is read once more
  t.true(read <= 32 * 132 + 64, `${read}`)
  t.is(reason(trial, name('peer.example')), 'takes more than the 32 queries of a dial to resolve')
})

test('resolve() asks for eight names at once', async t => {
  const made = zone(wide(20), () => 10)
  const trial = await runStage(t, resolve(), [name('wide.example')], { components: made.components })
  t.is(made.atOnce, 8)
  t.is(trial.last?.candidates.length, 20)
})
