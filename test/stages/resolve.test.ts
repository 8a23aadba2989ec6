import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { Bans } from '../../src/bans/bans.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { SELF } from '../../src/testing/compliance/samples.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { cand, dialled, errorsOf, PEER, reason, said, short, tryOut } from '../testing/try-out.ts'
import type { MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

interface Names {
  /** Results of names: other names, numbers of addresses, or an error */
  [name: string]: ReadonlyArray<string | number> | Error
}

interface Zone extends Pick<ComplianceFixture, 'components'> {
  asked: string[]
  /** Maximum number of simultaneous queries */
  atOnce: number
}

/** A zone of names, with the milliseconds of each */
function zone (names: Names, ms: (name: string) => number = () => 0): Zone {
  const made: Zone = { asked: [], atOnce: 0 }
  let now = 0

  made.components = ({ clock }) => ({
    settings: {
      addressDialTimeout: 6_000,
      maxPeerAddrsToDial: 25,
      resolvers: {
        dnsaddr: {
          canResolve: one => one.getComponents()[0]?.name === 'dnsaddr',
          resolve: async (one, { signal = new AbortController().signal }) => {
            const name = one.getComponents()[0]?.value ?? ''
            made.asked.push(name)
            made.atOnce = Math.max(made.atOnce, ++now)
            await sleep(ms(name), clock, signal).finally(() => { now-- })
            const answers = names[name] ?? new Error('ENOTFOUND')

            if (answers instanceof Error) {
              throw answers
            }

            return answers.map(answer => multiaddr(typeof answer === 'number' ? `/ip4/203.0.113.${answer % 256}/tcp/${4001 + Math.floor(answer / 256)}` : answer.startsWith('/') ? answer : `/dnsaddr/${answer}`))
          }
        }
      }
    }
  })

  return made
}

const name = (text: string, init?: Parameters<typeof cand>[1]): Candidate => cand(`/dnsaddr/${text}`, init)

test('resolve() keeps other addresses as the same object', async t => {
  const one = cand(1)
  const { asked, ...fixture } = zone({})
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [one] })
  await trial.settle()
  t.is(trial.last?.candidates[0], one)
  t.deepEqual(said(trial), ['1'])
  t.deepEqual(asked, [])
})

test('resolve() drops names that no host can have, without a query', async t => {
  const { asked, ...fixture } = zone({ 'one.example': ['a\\b.example', 2], 'two.example': ['a\\b.example'] })
  const trial = tryOut(t, resolve(), fixture)
  const names = ['a#b.example', 'one.example', 'two.example'].map(text => name(text))
  trial.give({ candidates: names })
  await trial.rest()

  t.is(said(trial).at(-1), '2')
  t.deepEqual(names.map(one => reason(trial, one)), ['no host name has "#" in it', undefined, 'no host name has "\\\\" in it'])
  t.deepEqual(asked, ['one.example', 'two.example'])
})

test('resolve() drops banned names, without a query', async t => {
  const { asked, components, ...fixture } = zone({ 'one.example': ['banned.example', 2] })
  const trial = tryOut(t, resolve(), { ...fixture, components: init => {
    const bans = new Bans(init.clock)
    bans.add('/dnsaddr/Banned.example', Infinity)

    return { ...components?.(init), bans }
  } })
  trial.give({ candidates: [name('banned.example'), name('one.example')] })
  await trial.rest()

  t.is(said(trial).at(-1), '2')
  t.is(reason(trial, name('banned.example')), '/dnsaddr/Banned.example is banned until it is removed')
  t.deepEqual(asked, ['one.example'])
})

test('resolve() asks for a name of refused sources once an accepted source reports it', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2] })
  const trial = tryOut(t, resolve(), { ...fixture, options: { provenance: ['user'] } })
  const heard = name('peer.example', { provenance: [{ source: 'dht' }] })
  trial.give({ candidates: [heard], complete: false })
  await trial.settle()
  t.deepEqual([asked, said(trial).at(-1), reason(trial, heard)], [[], '…', "from dht, dns, not from 'user'"])

  trial.give({ candidates: [name('peer.example', { provenance: [{ source: 'dht' }, { source: 'user' }] })] })
  await trial.rest()
  t.deepEqual([asked, said(trial).at(-1)], [['peer.example'], '2'])
})

test('resolve() replaces a name by its addresses', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2, 3] })
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [cand(1), name('peer.example', { isCertified: true, provenance: [{ source: 'certified' }, { source: 'user' }] }), cand(4)] })
  await trial.rest()

  t.is(said(trial).at(-1), '1 2 3 4')
  // the answers are unsigned
  t.deepEqual(trial.last?.candidates.map(one => [one.isCertified, one.provenance.map(({ source }) => source).join()]), [[false, ''], [false, 'user,dns'], [false, 'user,dns'], [false, '']])
  t.deepEqual(trial.host.story.of(name('peer.example')).expanded?.into.map(one => short([one])), ['2', '3'])
})

test('resolve() passes each answer on when it arrives', async t => {
  const fixture = zone({ 'slow.example': [2], 'fast.example': [3] }, text => text === 'slow.example' ? 300 : 100)
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [name('slow.example'), cand(1), name('fast.example')] })
  await trial.rest()

  t.deepEqual([...new Set(said(trial))], ['1 …', '1 3 …', '2 1 3'])
  t.is(trial.outputs.find(({ candidates }) => candidates.length === 2)?.at, 100)
  t.is(trial.last?.at, 300)
})

test('resolve() asks for a name once in a dial', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [2] })
  const init = resolve()
  const one = name('peer.example')

  for (let i = 1; i <= 2; i++) {
    const trial = tryOut(t, init, fixture)
    trial.give({ candidates: [one] })
    await trial.rest()
    trial.target.invalidate()
    await trial.rest()
    t.is(asked.length, i)
  }
})

test('resolve() drops and logs a name that fails, with the reason, and resolves others', async t => {
  const broken = name('broken.example')
  const trial = tryOut(t, resolve(), zone({ 'broken.example': new Error('SERVFAIL'), 'peer.example': [2] }))
  const logged = errorsOf(trial)
  trial.give({ candidates: [broken, name('peer.example')] })
  await trial.rest()

  t.is(said(trial).at(-1), '2')
  t.is(reason(trial, broken), 'could not be resolved: SERVFAIL')
  t.is(logged.length, 1)
})

test('resolve() drops a name without addresses', async t => {
  const empty = name('empty.example')
  const trial = tryOut(t, resolve(), zone({ 'empty.example': [] }))
  trial.give({ candidates: [empty] })
  await trial.rest()
  t.is(reason(trial, empty), 'nothing stands for it')
})

test('resolve() keeps a name that resolves partly', async t => {
  const half = name('half.example')
  const trial = tryOut(t, resolve(), zone({ 'half.example': ['broken.example', 'fine.example'], 'fine.example': [2] }))
  trial.give({ candidates: [half] })
  await trial.rest()

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

test('resolve() follows names of names, four deep', async t => {
  const deep: Names = { 'a.example': ['b.example', 1], 'b.example': ['c.example'], 'c.example': ['d.example'], 'd.example': [4, 'e.example'], 'e.example': [5] }
  const { asked, ...fixture } = zone(deep)
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [name('a.example')] })
  await trial.rest()
  t.is(said(trial).at(-1), '1 4')
  t.deepEqual(asked, ['a.example', 'b.example', 'c.example', 'd.example'])
})

test('resolve() drops names that are too deep, with the reason', async t => {
  const one = name('a.example')
  const trial = tryOut(t, resolve(), zone({ 'a.example': ['a.example'] }))
  trial.give({ candidates: [one] })
  await trial.rest()
  t.is(said(trial).at(-1), '')
  t.is(reason(trial, one), 'resolves to names of names, more than 4 deep')
})

test('resolve() makes at most 32 queries in a dial', async t => {
  const wide: Names = { 'wide.example': Array.from({ length: 40 }, (_, i) => `${i}.example`), ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.example`, [i]])), 'late.example': [77] }
  const { asked, ...fixture } = zone(wide, text => text === 'late.example' ? 0 : 10)
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
  const wide = Array.from({ length: 40 }, (_, i) => `${i}.example`)
  const { asked, ...fixture } = zone({ 'wide.example': wide, ...Object.fromEntries(wide.map((text, i) => [text, [i]])) })
  const trial = tryOut(t, retry(pipeline(resolve(), race())), fixture)
  trial.script(Array.from({ length: 40 }, (_, i) => cand(i)), { refuses: 1 })
  trial.give({ candidates: [name('wide.example')] })
  await trial.rest()
  t.is(asked.length, 2 * 32)
})

test('resolve() adds at most 100 addresses in a dial', async t => {
  const count = (from: number): number[] => Array.from({ length: 80 }, (_, i) => from + i)
  const trial = tryOut(t, resolve(), zone({ 'a.example': count(0), 'b.example': count(80) }))
  trial.give({ candidates: [name('a.example'), cand('/ip4/203.0.113.1/tcp/1'), name('b.example')] })
  await trial.rest()
  t.is(trial.last?.candidates.length, 101)
})

test('resolve() drops a name whose addresses exceed the limit, with the reason', async t => {
  const trial = tryOut(t, resolve(), zone({ 'a.example': Array.from({ length: 100 }, (_, i) => i), 'b.example': [200] }, text => text === 'b.example' ? 10 : 0))
  trial.give({ candidates: [name('a.example'), name('b.example')] })
  await trial.rest()
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
  const trial = tryOut(t, resolve({ resolvers: { many } }))
  trial.give({ candidates: [name('peer.example')] })
  await trial.rest()

  while (trial.last?.value.complete !== true) {
    await trial.settle()
  }

  t.is(asked, 32)
  // each queried name is read once more
  t.true(read <= 32 * 132 + 64, `${read}`)
  t.is(reason(trial, name('peer.example')), 'takes more than the 32 queries of a dial to resolve')
})

test('resolve() asks for eight names at once', async t => {
  const made = zone({ 'wide.example': Array.from({ length: 20 }, (_, i) => `${i}.example`), ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.example`, [i]])) }, () => 10)
  const trial = tryOut(t, resolve(), { components: made.components })
  trial.give({ candidates: [name('wide.example')] })
  await trial.rest()
  t.is(made.atOnce, 8)
  t.is(trial.last?.candidates.length, 20)
})

test('an address that two names resolve to is dialled once', async t => {
  const trial = tryOut(t, pipeline(resolve(), race()), zone({ 'a.example': [1], 'b.example': [1] }))
  trial.script([cand(1)], { refuses: 10 })
  trial.give({ candidates: [name('a.example'), name('b.example'), cand(1, { provenance: [{ source: 'user' }] })] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
})

test('resolve() passes on addresses of other peers, which dialable() drops', async t => {
  const trial = tryOut(t, pipeline(resolve(), dialable()), zone({ 'many.example': [`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`, `/ip4/203.0.113.2/tcp/4001/p2p/${PEER.toString()}`] }))
  trial.give({ candidates: [name('many.example')] })
  await trial.rest()
  t.is(said(trial).at(-1), '2')
})

test('resolve() stops waiting when the dial ends', async t => {
  const { asked, ...fixture } = zone({ 'slow.example': [1] }, () => 10_000)
  const trial = tryOut(t, resolve(), fixture)
  trial.give({ candidates: [name('slow.example')] })
  await trial.settle()
  t.is(asked.length, 1)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.is(trial.clock.pending, 0)
})

test('the resolvers option of resolve() replaces the node\'s', async t => {
  const { asked, ...fixture } = zone({ 'peer.example': [1] })
  const trial = tryOut(t, resolve({ resolvers: { any: { canResolve: one => one.toString().startsWith('/dnsaddr'), resolve: async () => [multiaddr('/ip4/203.0.113.9/tcp/4001')] } } }), fixture)
  trial.give({ candidates: [name('peer.example')] })
  await trial.rest()
  t.is(said(trial).at(-1), '9')
  t.deepEqual(asked, [])
})

test("a resolver whose canResolve() returns a truthy value is used", async t => {
  const { asked, ...fixture } = zone({})
  const trial = tryOut(t, resolve({ resolvers: { any: { canResolve: ((one: Multiaddr) => one.toString().match('/dnsaddr')) as any, resolve: async () => [multiaddr('/ip4/203.0.113.9/tcp/4001')] } } }), fixture)
  trial.give({ candidates: [name('peer.example')] })
  await trial.rest()
  t.is(said(trial).at(-1), '9')
  t.deepEqual(asked, [])
})

test('an async canResolve() that rejects leaves no unhandled rejection', async t => {
  const unhandled = watchUnhandled(t)
  const { asked, ...fixture } = zone({})
  const trial = tryOut(t, resolve({ resolvers: { any: { canResolve: one => one.toString().startsWith('/dnsaddr') && rejects(), resolve: async () => [multiaddr('/ip4/203.0.113.9/tcp/4001')] } } }), fixture)
  trial.give({ candidates: [name('peer.example')] })
  await trial.rest()

  t.is(said(trial).at(-1), '9')
  t.deepEqual(await unhandled(), [])
})
