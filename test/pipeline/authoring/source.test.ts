import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { describeValue } from '../../../src/pipeline/describe-value.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { rejectingThenable } from '../../helpers/thenable.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'
import { cand, cands, errorsOf, PEER, said, short, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'
import type { StageRun } from '../../../src/testing/compliance/stage-run.ts'

const address = (n: number): Candidate['multiaddr'] => multiaddr(`/ip4/203.0.113.${n}/tcp/4001`)

test('source() appends its addresses to the list from above', async t => {
  const trial = tryOut(t, source('more', () => [address(2), address(3)]))
  trial.give({ candidates: cands(1) })
  await trial.settle()

  t.deepEqual(said(trial), ['1 2 3'])
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [[], [{ source: 'more' }], [{ source: 'more' }]])
})

test('source() reports its addresses under the provenance option', async t => {
  const trial = tryOut(t, source('more', () => [address(1)], { provenance: 'gossip' }), { from: 'target' })
  trial.give()
  await trial.settle()
  t.deepEqual(trial.last?.candidates[0]?.provenance, [{ source: 'gossip' }])
})

for (const [how, answer] of Object.entries<(found: any) => any>({
  'an array': found => found,
  'a promise': async found => found,
  'an async iterable': async function * (found) { yield * found }
})) {
  test(`source() keeps the sources of an address that the node already knows, found in ${how}`, async t => {
    const [handedOut, other] = [address(1), address(2)]
    const reportsOf = (one: unknown, peer?: string): any => one === handedOut && peer === PEER.toString() ? { isCertified: true, provenance: [{ source: 'dht' }] } : undefined
    const trial = tryOut(t, source('more', () => answer([handedOut, other, cand(3, { provenance: [{ source: 'own' }] })])), { from: 'target', components: () => ({ addressBook: { query: () => [], reportsOf } }) })
    trial.give()
    await trial.rest()

    t.deepEqual(trial.last?.candidates.map(({ provenance, isCertified }) => [provenance[0]?.source, isCertified]), [['dht', true], ['more', false], ['own', false]])
  })
}

test('source() can be the first stage', async t => {
  const trial = tryOut(t, source('more', () => [address(1)]), { from: 'target' })
  trial.give()
  await trial.settle()
  t.true(trial.last?.value.complete)
  t.deepEqual(said(trial), ['1'])
})

test('source() asks for an array once in a run', async t => {
  let asked = 0
  const init = source('more', () => [address(++asked)])
  const trial = tryOut(t, init)
  trial.give({ candidates: [] })
  await trial.settle()
  trial.target.invalidate()
  await trial.settle()
  trial.give({ candidates: cands(9) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '9 1'])
  t.is(asked, 1)

  const another = tryOut(t, init)
  another.give({ candidates: [] })
  await another.settle()
  t.deepEqual(said(another), ['2'])
})

test('a live source is asked each time the list is made, and its answer replaces the previous one', async t => {
  let found = [address(1)]
  const trial = tryOut(t, source('more', () => found, { live: true }))
  trial.give({ candidates: [] })
  await trial.settle()
  const [one] = trial.last?.candidates ?? []
  found = [address(2), address(1)]
  trial.target.invalidate()
  await trial.settle()
  found = [address(2)]
  trial.target.invalidate()
  await trial.settle()

  t.deepEqual(said(trial), ['1', '2 1', '2'])
  t.is(trial.outputs[1]?.candidates[1], one)
})

test('source() asks for an async iterable once in a dial', async t => {
  let asked = 0
  const init = source('more', async function * (dial) {
    asked++
    yield address(1)
    await sleep(100, dial.clock, dial.signal)
    yield address(2)
  })
  const trial = tryOut(t, init)
  trial.give({ candidates: [] })
  await trial.pass(50)
  trial.target.invalidate()
  await trial.rest()
  trial.target.invalidate()
  await trial.rest()

  t.is(asked, 1)
  t.is(said(trial).at(-1), '1 2')
  t.deepEqual(said(trial), ['…', '1 …', '1 2'])

  const another = tryOut(t, init)
  another.give({ candidates: [] })
  await another.rest()
  t.is(asked, 2)
})

test('source() asks for a promise of an array once in a dial', async t => {
  let asked = 0
  const init = source('more', async ({ clock, signal }) => {
    asked++
    await sleep(100, clock, signal)

    return [address(1), address(2), address(1)]
  })
  const trial = tryOut(t, init)
  trial.give({ candidates: cands(3) })
  await trial.pass(50)
  t.deepEqual(said(trial), ['3 …'])
  await trial.rest()
  t.is(said(trial).at(-1), '3 1 2')
  trial.target.invalidate()
  await trial.rest()
  t.is(said(trial).at(-1), '3 1 2')
  t.is(asked, 1)

  const another = tryOut(t, init)
  another.give({ candidates: [] })
  await another.rest()
  t.is(asked, 2)
})

test('source() adds no more addresses of a promise than its limit', async t => {
  const trial = tryOut(t, source('more', async () => [address(1), address(2), address(3)], { limit: 2 }))
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '1 2')
})

for (const [what, find] of [['a promise', async () => { throw new Error('The service is down') }], ['a thenable', rejectingThenable]] as const) {
  test.serial(`source() logs the rejection of ${what}, and passes the list from above on`, async t => {
    const unhandled = watchUnhandled(t)
    const trial = tryOut(t, source('broken', find as any))
    const logged = errorsOf(trial)
    trial.give({ candidates: cands(1) })
    await trial.rest()

    t.is(trial.failure, undefined)
    t.is(said(trial).at(-1), '1')
    t.is(logged.length, 1)
    t.deepEqual(await unhandled(), [])
  })
}

test.serial('source() drops a pending promise when its dial ends, and handles a later rejection', async t => {
  const unhandled = watchUnhandled(t)
  let reject = (_: Error): void => {}
  const trial = tryOut(t, source('more', async () => new Promise<never>((_resolve, _reject) => { reject = _reject })))
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.deepEqual(said(trial), ['1 …'])
  t.false(trial.isOver)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  reject(new Error('The service is down'))
  t.deepEqual(await unhandled(), [])
})

test.serial('source() handles the rejection of a promise that is returned as its dial ends', async t => {
  const unhandled = watchUnhandled(t)
  const trial: StageRun = tryOut(t, source('more', async () => {
    trial.leave()
    throw new Error('The service is down')
  }))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.true(trial.isOver)
  t.deepEqual(await unhandled(), [])
})

for (const thrown of [null, undefined, 'text', Object.create(null)]) {
  for (const [when, find] of [['at once', () => { throw thrown }], ['later', async () => { throw thrown }], ['as it comes', async function * () { yield * []; throw thrown }]] as const) {
    test(`source() logs an Error when a function throws ${describeValue(thrown)} ${when}`, async t => {
      const trial = tryOut(t, source('broken', find))
      const logged = errorsOf(trial)
      trial.give({ candidates: cands(1) })
      await trial.rest()
      t.is(trial.failure, undefined)
      t.is(said(trial).at(-1), '1')
      t.deepEqual(logged.map((args: any) => [args[1] instanceof Error, args[1].message]), [[true, `Rejected with ${describeValue(thrown)}`]])
    })
  }
}

test('addresses found in one turn of the event loop arrive in one list', async t => {
  const trial = tryOut(t, source('more', async function * () {
    for (let n = 1; n <= 100; n++) {
      yield address(n)
    }
  }))
  trial.give({ candidates: [] })
  await trial.rest()
  t.true(trial.outputs.length <= 4, `${trial.outputs.length} lists`)
  t.is(trial.last?.candidates.length, 100)
})

test('source() merges its provenance into a candidate from above, once', async t => {
  const above = cand(1, { isCertified: true, provenance: [{ source: 'certified' }] })
  const trial = tryOut(t, source('more', () => [address(1)]))
  trial.give({ candidates: [above] })
  await trial.settle()
  trial.give({ candidates: [...cands(2), above] })
  await trial.settle()
  const first = trial.outputs[0]?.candidates[0]
  const second = trial.outputs[1]?.candidates[1]

  t.deepEqual(said(trial), ['1', '2 1'])
  t.like(first, { isCertified: true, provenance: [{ source: 'certified' }, { source: 'more' }] })
  t.is(first, second)
})

test('source() keeps the candidate object from above when it adds nothing', async t => {
  const above = cand(1, { provenance: [{ source: 'more' }] })
  const trial = tryOut(t, source('more', () => [address(1)]))
  trial.give({ candidates: [above] })
  await trial.settle()
  t.is(trial.last?.candidates[0], above)
})

test('source() merges an address that it finds twice', async t => {
  const trial = tryOut(t, source('more', () => [address(1), cand(1, { isCertified: true, provenance: [{ source: 'elsewhere' }] }), address(1)]))
  trial.give({ candidates: [] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
  t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'more' }, { source: 'elsewhere' }] })
})

for (const limit of [undefined, 3]) {
  test(`source() adds at most ${limit ?? 256} addresses and reads no more`, async t => {
    const most = limit ?? 256
    let read = 0
    let ended = false
    const trial = tryOut(t, source('flood', async function * () {
      try {
        while (true) {
          yield multiaddr(`/ip4/203.0.113.1/tcp/${++read}`)
        }
      } finally {
        ended = true
      }
    }, { limit }))
    trial.give({ candidates: cands(1) })
    await trial.rest()

    t.is(trial.last?.candidates.length, most + 1)
    t.true(trial.last?.value.complete)
    t.is(read, most)
    t.true(ended)
  })
}

test('the limit of source() counts different addresses', async t => {
  const trial = tryOut(t, source('more', () => [address(1), address(1), address(2), address(3)], { limit: 2 }))
  trial.give({ candidates: [] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})

test('source() stops reading an iterable that repeats itself after four times its limit', async t => {
  let reads = 0
  const repeating = async function * (): AsyncGenerator<Candidate['multiaddr']> {
    while (true) {
      reads++
      yield address(1)
    }
  }
  const trial = tryOut(t, source('more', repeating, { limit: 10 }), { from: 'target' })
  trial.give()
  await trial.rest()

  t.is(said(trial).at(-1), '1')
  t.is(reads, 40)
})

test('source() logs an error while iterating, and keeps what it found', async t => {
  const trial = tryOut(t, source('broken', async function * (dial) {
    yield address(2)
    await sleep(100, dial.clock, dial.signal)
    throw new Error('The service is down')
  }))
  const logged = errorsOf(trial)
  trial.give({ candidates: cands(1) })
  await trial.rest()

  t.is(trial.failure, undefined)
  t.is(said(trial).at(-1), '1 2')
  t.is(logged.length, 1)
})

test('source() logs an error thrown by its function, and is not asked again', async t => {
  let asked = 0
  const trial = tryOut(t, source('broken', () => {
    asked++
    throw new Error('The service is down')
  }))
  trial.give({ candidates: cands(1) })
  await trial.rest()

  t.is(trial.failure, undefined)
  t.deepEqual(said(trial), ['1'])
  t.is(asked, 1)
})

test('source() logs and records an answer that is not of addresses, and the list goes on', async t => {
  for (const find of [() => ['/ip4/203.0.113.1/tcp/1'], async function * () { yield '/ip4/203.0.113.1/tcp/1' }, () => [{ ...cand(1) }], () => [undefined], () => undefined, () => 5, async () => undefined, async () => ['/ip4/203.0.113.1/tcp/1'], async () => (async function * () {})()]) {
    const trial = tryOut(t, source('silly', find as any))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    const error = trial.sourceFault
    t.is(trial.failure, undefined)
    t.is(said(trial).at(-1), '1')
    t.is(error?.name, 'InvalidStageOutputError', String(find))
    t.regex(error?.message ?? '', /^Stage "silly" found /)
    t.deepEqual(trial.host.errors.map(args => args.at(-1)), [error])
  }
})

test('source() ends its iteration with the dial', async t => {
  let ended = false
  const trial = tryOut(t, source('more', async function * () {
    try {
      yield address(1)
      yield address(2)
      await new Promise(() => {})
    } finally {
      ended = true
    }
  }))
  trial.give({ candidates: [] })
  await trial.settle()
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  // the generator waits for ever, and cannot be ended
  t.false(ended)
  t.is(short(trial.ids), '1 2')
})

test('source() throws for an invalid limit', t => {
  for (const limit of [NaN, -1, {} as unknown as number]) {
    t.throws(() => source('more', () => [], { limit }), { name: 'InvalidPipelineError' })
  }
})

test('source() adds no candidate with the source certified that is not certified', async t => {
  const trial = tryOut(t, source('liar', () => [cand(1, { provenance: [{ source: 'user' }, { source: 'certified' }] })]))
  trial.give({ candidates: [] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [])
  t.like(trial.sourceFault, { name: 'InvalidStageOutputError' })
  t.regex(trial.sourceFault?.message ?? '', /liar.* found .*203\.0\.113\.1.* with the source 'certified', although isCertified is not true/)
})

test('source() adds no candidate with the source dialled', async t => {
  for (const isCertified of [false, true]) {
    const trial = tryOut(t, source('liar', () => [cand(1, { isCertified, provenance: [{ source: 'user' }, { source: 'dialled' }] })]))
    trial.give({ candidates: [] })
    await trial.settle()
    t.deepEqual(trial.last?.candidates, [])
    t.like(trial.sourceFault, { name: 'InvalidStageOutputError' })
    t.regex(trial.sourceFault?.message ?? '', /liar.* found .*203\.0\.113\.1.* with the source 'dialled': only a connection makes an address that/)
  }
})

test('source() keeps a certified candidate as it is', async t => {
  const certified = cand(1, { isCertified: true, provenance: [{ source: 'certified' }] })
  const trial = tryOut(t, source('honest', () => [certified]))
  trial.give({ candidates: [] })
  await trial.settle()
  t.is(trial.last?.candidates[0], certified)
})

test('the recorded error of a source that finds a string says how to make a multiaddr', async t => {
  const trial = tryOut(t, source('texts', () => ['/ip4/192.0.2.1/tcp/1' as any]))
  trial.give({ candidates: [] })
  await trial.rest()

  t.is(trial.sourceFault?.message, "Stage \"texts\" found '/ip4/192.0.2.1/tcp/1', which is neither a multiaddr nor a candidate: write multiaddr('/ip4/192.0.2.1/tcp/1')")
})

test('the function of source() receives the list from above', async t => {
  const seen: string[] = []
  const trial = tryOut(t, source('more', (_dial, above) => {
    seen.push(short(above))

    return above.map((_, i) => address(i + 5))
  }))
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.settle()
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  t.deepEqual(seen, ['1 2'])
  t.is(said(trial).at(-1), '1 2 3 5 6')
})

test('a live source that reads the target sees the address of a caller that joins', async t => {
  const trial = tryOut(t, source('mine', dial => dial.target.multiaddrs, { live: true }), { from: 'target' })
  trial.give({ candidates: cands(1) })
  await trial.settle()
  trial.give({ candidates: cands(2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '1 2'])
})

test('a live source that returns a promise is asked once', async t => {
  let asked = 0
  const trial = tryOut(t, source('more', async () => {
    asked++

    return [address(1)]
  }, { live: true }))
  trial.give({ candidates: [] })
  await trial.settle()
  trial.target.invalidate()
  await trial.settle()
  t.is(asked, 1)
  t.is(said(trial).at(-1), '1')
})
