import test from 'ava'
import { Bans } from '../../src/bans/bans.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { SELF } from '../../src/testing/compliance/samples.ts'
import { cand, dialled, PEER, reason, runStage, said, short, tryOut } from '../testing/try-out.ts'
import { name, zone } from './name-zone.ts'

test('resolve() keeps other addresses as the same object', async t => {
  const one = cand(1)
  const { asked, ...fixture } = zone({})
  const trial = await runStage(t, resolve(), [one], { ms: 0, ...fixture })
  t.is(trial.last?.candidates[0], one)
  t.deepEqual(said(trial), ['1'])
  t.deepEqual(asked, [])
})

test('resolve() drops names that no host can have, without a query', async t => {
  const { asked, ...fixture } = zone({ 'one.example': ['a\\b.example', 2], 'two.example': ['a\\b.example'] })
  const names = ['a#b.example', 'one.example', 'two.example'].map(text => name(text))
  const trial = await runStage(t, resolve(), names, fixture)

  t.is(said(trial).at(-1), '2')
  t.deepEqual(names.map(one => reason(trial, one)), ['no host name has "#" in it', undefined, 'no host name has "\\\\" in it'])
  t.deepEqual(asked, ['one.example', 'two.example'])
})

test('resolve() drops banned names, without a query', async t => {
  const { asked, components, ...fixture } = zone({ 'one.example': ['banned.example', 2] })
  const trial = await runStage(t, resolve(), [name('banned.example'), name('one.example')], { ...fixture, components: init => {
    const bans = new Bans(init.clock)
    bans.add('/dnsaddr/Banned.example', Infinity)

    return { ...components?.(init), bans }
  } })

  t.is(said(trial).at(-1), '2')
  t.is(reason(trial, name('banned.example')), '/dnsaddr/Banned.example is banned until it is removed')
  t.deepEqual(asked, ['one.example'])
})

test('resolve() asks for a name of refused sources once an accepted source reports it', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2] })
  const heard = name('peer.example', { provenance: [{ source: 'dht' }] })
  const trial = tryOut(t, resolve(), { ...fixture, options: { provenance: ['user'] } })
  trial.give({ candidates: [heard], complete: false })
  await trial.settle()
  t.deepEqual([asked, said(trial).at(-1), reason(trial, heard)], [[], '…', "from dht, dns, not from 'user'"])

  trial.give({ candidates: [name('peer.example', { provenance: [{ source: 'dht' }, { source: 'user' }] })] })
  await trial.rest()
  t.deepEqual([asked, said(trial).at(-1)], [['peer.example'], '2'])
})

test('resolve() replaces a name by its addresses', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2, 3] })
  const trial = await runStage(t, resolve(), [cand(1), name('peer.example', { isCertified: true, provenance: [{ source: 'certified' }, { source: 'user' }] }), cand(4)], fixture)

  t.is(said(trial).at(-1), '1 2 3 4')
  // the answers are unsigned
  t.deepEqual(trial.last?.candidates.map(one => [one.isCertified, one.provenance.map(({ source }) => source).join()]), [[false, ''], [false, 'user,dns'], [false, 'user,dns'], [false, '']])
  t.deepEqual(trial.host.story.of(name('peer.example')).expanded?.into.map(one => short([one])), ['2', '3'])
})

test('resolve() passes each answer on when it arrives', async t => {
  const fixture = zone({ 'slow.example': [2], 'fast.example': [3] }, text => text === 'slow.example' ? 300 : 100)
  const trial = await runStage(t, resolve(), [name('slow.example'), cand(1), name('fast.example')], fixture)

  t.deepEqual([...new Set(said(trial))], ['1 …', '1 3 …', '2 1 3'])
  t.is(trial.outputs.find(({ candidates }) => candidates.length === 2)?.at, 100)
  t.is(trial.last?.at, 300)
})

test('resolve() asks for a name once in a dial', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2] })
  const init = resolve()
  const one = name('peer.example')

  for (let i = 1; i <= 2; i++) {
    const trial = await runStage(t, init, [one], fixture)
    trial.target.invalidate()
    await trial.rest()
    t.is(asked.length, i)
  }
})

test('resolve() drops and logs a name that fails, with the reason, and resolves others', async t => {
  const broken = name('broken.example')
  const trial = await runStage(t, resolve(), [broken, name('peer.example')], zone({ 'broken.example': new Error('SERVFAIL'), 'peer.example': [2] }))

  t.is(said(trial).at(-1), '2')
  t.is(reason(trial, broken), 'could not be resolved: SERVFAIL')
  t.is(trial.host.errors.length, 1)
})

test('resolve() drops a name without addresses', async t => {
  const empty = name('empty.example')
  const trial = await runStage(t, resolve(), [empty], zone({ 'empty.example': [] }))
  t.is(reason(trial, empty), 'nothing stands for it')
})

test('resolve() keeps a name that resolves partly', async t => {
  const half = name('half.example')
  const trial = await runStage(t, resolve(), [half], zone({ 'half.example': ['broken.example', 'fine.example'], 'fine.example': [2] }))

  t.is(said(trial).at(-1), '2')
  t.is(reason(trial, half), undefined)
})

test('fromRouting({ when: \'exhausted\' }) asks no router while an address of a partly resolved name is untried', async t => {
  let asked = 0
  const fixture = zone({ 'half.example': ['broken.example', 2, 3] })
  const trial = tryOut(t, pipeline(fromRouting({ when: 'exhausted' }), resolve(), race()), {
    components: sample => ({ ...fixture.components?.(sample), routed: async () => { asked++; return [] } })
  })
  trial.script([cand(2)], { refuses: 100 })
  trial.script([cand(3)], { refuses: 5_000 })
  trial.give({ candidates: [name('half.example')] })
  await trial.pass(1_000)
  t.is(asked, 0)
  await trial.rest()
  t.is(asked, 1)
})

test('an address that two names resolve to is dialled once', async t => {
  const trial = tryOut(t, pipeline(resolve(), race()), zone({ 'a.example': [1], 'b.example': [1] }))
  trial.script([cand(1)], { refuses: 10 })
  trial.give({ candidates: [name('a.example'), name('b.example'), cand(1, { provenance: [{ source: 'user' }] })] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
})

test('resolve() passes on addresses of other peers, which dialable() drops', async t => {
  const trial = await runStage(t, pipeline(resolve(), dialable()), [name('many.example')], zone({ 'many.example': [`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`, `/ip4/203.0.113.2/tcp/4001/p2p/${PEER.toString()}`] }))
  t.is(said(trial).at(-1), '2')
})

test('resolve() stops waiting when the dial ends', async t => {
  const { asked, ...fixture } = zone({ 'slow.example': [1] }, () => 10_000)
  const trial = await runStage(t, resolve(), [name('slow.example')], { ms: 0, ...fixture })
  t.is(asked.length, 1)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.is(trial.clock.pending, 0)
})
