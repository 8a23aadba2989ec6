import { inspect } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { describeValue } from '../../../src/pipeline/describe-value.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { SELF } from '../../../src/testing/compliance/samples.ts'
import { cand, cands, dialled, reason, said, short, tryOut } from '../../testing/try-out.ts'
import type { Candidate, List } from '../../../src/pipeline/types.ts'

const LEFT_OUT = 'left out of a complete list: work.drop() says why, work.add() or work.after() that it waits'
const [a, b] = [cand(1), cand(2)]
const mapped = (answer: (list: List) => any) => stage('by-hand', () => answer)

test('stage() returns its name, what it accepts and yields, and its options', t => {
  const { name, accepts, yields, options } = stage('by-hand', () => ({ candidates }) => candidates, { options: ['mood', 'mood'] })
  t.deepEqual({ name, accepts, yields, options }, { name: 'by-hand', accepts: { candidates: true }, yields: 'candidates', options: ['mood'] })
})

test('stage() below a race returns its name, what it accepts and yields, and its options', t => {
  const { name, accepts, yields, options } = stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', options: ['mood'], run: async function * () {} })
  t.deepEqual({ name, accepts, yields, options }, { name: 'by-hand', accepts: { connections: true }, yields: 'connections', options: ['mood'] })
})

test('a stage is frozen and does not follow changes of its definition', async t => {
  const definition = { name: 'by-hand', accepts: ['connections'] as const, yields: 'connections' as const, run: async function * (connections: any) { yield * connections } }
  const made = stage(definition)
  t.true(Object.isFrozen(made) && Object.isFrozen(made.accepts) && Object.isFrozen(made.options))

  definition.run = async function * () {}
  const trial = tryOut(t, pipeline(race(), made))
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.is(trial.connections.length, 1)
})

test('a stage begins once in a run, and is asked for each list', async t => {
  let begun = 0
  const trial = tryOut(t, stage('turned', dial => {
    begun++
    t.is(dial.clock, dial.node.clock)
    t.truthy(dial.target.peerId)

    return ({ candidates }) => candidates.length < dial.node.settings.maxPeerAddrsToDial ? candidates.toReversed() : candidates
  }))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  trial.give({ candidates: cands(4, 5) })
  await trial.settle()
  t.deepEqual(said(trial), ['3 2 1', '5 4'])
  t.is(begun, 1)
})

test('a stage receives a copy of the list, which it may change', async t => {
  const trial = tryOut(t, pipeline(mapped(({ candidates }) => (candidates as Candidate[]).splice(1)), mapped(({ candidates }) => (candidates as Candidate[]).splice(0, 1))))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), ['2'])
})

test('an equal answer of a stage does not cause the next to be asked', async t => {
  const seen: string[] = []
  const trial = tryOut(t, pipeline(mapped(({ candidates }) => [...candidates].slice(0, 1)), stage('below', () => ({ candidates }) => {
    seen.push(short(candidates))

    return candidates
  })))
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(seen, ['1'])
  t.deepEqual(said(trial), ['1'])
})

test('perNode keeps state for each node and passes it to begin', async t => {
  let begun = 0
  const counting = stage('counting', (_dial, _work, state) => {
    state.dials++

    return ({ candidates }) => candidates.slice(0, state.dials)
  }, { perNode: ({ peerId }) => {
    begun++
    t.truthy(peerId)

    return { dials: 0 }
  } })

  for (let node = 1; node <= 2; node++) {
    const trial = tryOut(t, counting)
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.deepEqual(said(trial), ['1'])
    t.is(begun, node)
  }
})

test('a candidate omitted from a complete answer counts as dropped until it is back', async t => {
  let most = 1
  const trial = tryOut(t, pipeline(mapped(({ candidates }) => candidates.slice(0, most)), race()))
  trial.script([a], { refuses: 100 })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(trial.host.story.of(b).dropped, { stage: 'by-hand', reason: LEFT_OUT })
  most = 2
  await trial.pass(100)
  t.is(reason(trial, b), undefined)
})

test('work.drop() records the reason and cause', async t => {
  const cause = new Error('Because')
  const trial = tryOut(t, stage('by-hand', (_dial, work) => () => {
    work.drop(b, 'not that one', cause)

    return [a]
  }))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.like(trial.host.story.of(b).dropped, { stage: 'by-hand', reason: 'not that one' })
  t.is(trial.host.story.of(b).dropped?.cause?.cause, cause)
})

for (const why of [undefined, null, '']) {
  test(`work.drop() records no reason for ${inspect(why)}`, async t => {
    const trial = tryOut(t, stage('by-hand', (_dial, work) => ({ candidates }) => {
      candidates.forEach(one => { work.drop(one, why as any) })

      return []
    }))
    trial.give({ candidates: [a] })
    await trial.settle()
    t.is(reason(trial, a), 'dropped')
  })
}

for (const [what, say, words] of [
  ['drop() without a candidate', work => { work.drop() }, 'has dropped undefined where a candidate was expected'],
  ['drop() of the id of a candidate', work => { work.drop(a.id, 'bad') }, `has dropped '${a.id}' where a candidate was expected`],
  ['drop() for what is no text', work => { work.drop(a, new Error('bad')) }, `has dropped ${a.id} for Error: bad: a reason is a text`],
  ['became() without a candidate', work => { work.became() }, 'has replaced undefined where a candidate was expected'],
  ['became() of one candidate', work => { work.became(a, b) }, `has replaced ${a.id} with ${describeValue(b)} where an array of candidates was expected`],
  ['became() of a text', work => { work.became(a, ['b']) }, `has replaced ${a.id} with 'b' where a candidate was expected`]
] as ReadonlyArray<[string, (work: any) => void, string]>) {
  test(`work.${what} ends the dial with an error that names the stage`, async t => {
    const trial = tryOut(t, stage('by-hand', (_dial, work) => ({ candidates }) => {
      say(work)

      return candidates
    }))
    trial.give({ candidates: [a] })
    await trial.rest()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" ${words}`)
  })
}

test('a candidate omitted while work is pending does not count as dropped', async t => {
  const trial = tryOut(t, stage('by-hand', (_dial, work) => {
    const open = work.after(100)

    return ({ candidates }) => open.done ? candidates : []
  }))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(reason(trial, a), undefined)
  t.deepEqual(said(trial), ['…'])
  await trial.pass(100)
  t.is(reason(trial, a), undefined)
  t.deepEqual(said(trial), ['…', '1'])
})

test('a candidate omitted from an incomplete list does not count as dropped', async t => {
  const trial = tryOut(t, mapped(() => []))
  trial.give({ candidates: [a], complete: false })
  await trial.settle()
  t.is(reason(trial, a), undefined)
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(reason(trial, a), LEFT_OUT)
})

test('an attempted candidate that is omitted does not count as dropped', async t => {
  const trial = tryOut(t, pipeline(stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one))), race()))
  trial.script([a, b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.deepEqual([a, b].map(one => reason(trial, one)), [undefined, undefined])
})

test('work.became() records an expansion, and not a drop', async t => {
  const trial = tryOut(t, stage('by-hand', (_dial, work) => ({ candidates }) => candidates.flatMap(one => {
    if (one === a) {
      work.became(a, [b])
    }

    return one === a ? [b] : [one]
  })))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['2'])
  t.deepEqual(trial.host.story.of(a).expanded, { stage: 'by-hand', into: [b.id] })
  t.is(reason(trial, a), undefined)
})

for (const [what, answer] of Object.entries<(list: List) => unknown>({
  nothing: () => undefined,
  'the list': list => list,
  'a promise': async ({ candidates }) => candidates,
  'a set': ({ candidates }) => new Set(candidates),
  addresses: ({ candidates }) => candidates.map(({ multiaddr }) => multiaddr),
  'an array with holes': () => [undefined],
  'a candidate that is not frozen': ({ candidates }) => candidates.map(one => ({ ...one })),
  'one address twice': ({ candidates }) => [...candidates, ...candidates],
  'one address twice, in two objects': ({ candidates }) => [...candidates, cand(1, { isCertified: true })],
  'an address of another peer': () => [candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))]
})) {
  test(`returning ${what} fails the dial with an error that names the stage`, async t => {
    const trial = tryOut(t, mapped(answer))
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" answered /)
  })
}

test('a stage may pass on a listed address of another peer', async t => {
  const other = candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))
  const trial = tryOut(t, mapped(({ candidates }) => candidates))
  trial.give({ candidates: [other] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [other])
})

test('a stage may add candidates of its own', async t => {
  const own = cand(9)
  const trial = tryOut(t, mapped(({ candidates }) => [...candidates, own]))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(short(trial.ids), '1 9')
})

for (const [words, begin] of [
  ['undefined', () => undefined],
  ['a promise', async () => ({ candidates }: List) => candidates],
  ['an empty array', () => []],
  ['an object with candidates', () => ({ candidates: [] })]
] as const) {
  test(`the dial fails when begin returns ${words}`, async t => {
    const trial = tryOut(t, pipeline(stage('by-hand', begin as any), race()))
    trial.give({ candidates: [a] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" began with ${words}: a function from a list to candidates is expected, as in (dial, work) => ({ candidates }) => candidates`)
  })
}

for (const [what, use] of Object.entries<(work: any) => void>({
  'waits for NaN': work => { work.after(Number.NaN) },
  'waits for \'soon\'': work => { work.after('soon') },
  'asks for undefined': work => { work.at(undefined) },
  'has added undefined to its work': work => { work.add(undefined) },
  'gave 250 as a timing rule': work => { work.pace(250) },
  'gave undefined as a timing rule': work => { work.hold() }
})) {
  test(`the dial fails when a stage ${what}`, async t => {
    const trial = tryOut(t, pipeline(stage('by-hand', (_dial, work) => {
      use(work)

      return ({ candidates }) => candidates
    }), race()))
    trial.give({ candidates: [a] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.true(trial.failure?.error.message.startsWith(`Stage "by-hand" ${what}`), trial.failure?.error.message)
  })
}

test('work.add() of a promise that rejects fails the dial with its error', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, pipeline(stage('by-hand', (_dial, work) => {
    work.add(Promise.reject(error))

    return ({ candidates }) => candidates
  }), race()))
  trial.give({ candidates: [a], complete: false })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('pending work ends with its part of the dial', async t => {
  let timer: { done: boolean, end (): void } | undefined
  const trial = tryOut(t, stage('by-hand', (dial, work) => {
    timer = work.after(1_000)
    work.at(dial.clock.now() + 2_000)

    return ({ candidates }) => candidates
  }))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.clock.pending, 2)
  trial.leave()
  await trial.settle()
  t.is(trial.clock.pending, 0)
  t.false(timer?.done)
})

test('work.at() asks again at that time, and leaves the list complete', async t => {
  let asked = 0
  const trial = tryOut(t, stage('by-hand', (dial, work) => {
    work.at(dial.clock.now() + 100)

    return ({ candidates }) => {
      asked++

      return candidates.slice(0, asked)
    }
  }))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
  await trial.pass(100)
  t.deepEqual(said(trial), ['1', '1 2'])
})

for (const nonsense of [undefined, 'connection', {}, { remoteAddr: 1 }]) {
  test(`a stage below a race that yields ${JSON.stringify(nonsense) ?? 'undefined'} fails the dial with an error that names it`, async t => {
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run: async function * () { yield nonsense as any } }), { from: 'connections' })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" yielded .* where a connection was expected/)
  })
}

for (const [words, answer] of [
  ['undefined', () => undefined],
  ['a promise', async () => []],
  ['an empty array', () => []],
  ['a Generator', () => (function * () {})()],
  ['a function', () => async function * () {}],
  ['an object with no properties', () => ({ [Symbol.asyncIterator]: 1 })]
] as const) {
  test(`the dial fails when run() of a stage below a race returns ${words}`, async t => {
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run: answer as any }), { from: 'connections' })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" has a run() that answered ${words} where an async iterable was expected: write it as async function *`)
  })
}
