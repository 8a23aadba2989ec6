import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { describeValue } from '../../../src/pipeline/describe-value.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { rejectingThenable } from '../../helpers/thenable.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'
import { bareAddress, cand, cands, runStage, said, tryOut } from '../../testing/try-out.ts'
import type { StageRun } from '../../../src/testing/compliance/stage-run.ts'

for (const [what, find] of [['a promise', async () => { throw new Error('The service is down') }], ['a thenable', rejectingThenable]] as const) {
  test.serial(`source() logs the rejection of ${what}, and passes the list from above on`, async t => {
    const unhandled = watchUnhandled(t)
    // `any`: a wrong value on purpose, which the check at run time refuses
    const trial = await runStage(t, source('broken', find as any), cands(1))

    t.is(trial.failure, undefined)
    t.is(said(trial).at(-1), '1')
    t.is(trial.host.errors.length, 1)
    t.deepEqual(await unhandled(), [])
  })
}

test.serial('source() drops a pending promise when its dial ends, and handles a later rejection', async t => {
  const unhandled = watchUnhandled(t)
  let reject = (_: Error): void => {}
  const trial = await runStage(t, source('more', async () => new Promise<never>((_resolve, _reject) => { reject = _reject })), cands(1))
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
      const trial = await runStage(t, source('broken', find), cands(1))
      t.is(trial.failure, undefined)
      t.is(said(trial).at(-1), '1')
      t.deepEqual(trial.host.errors.map((args: any) => [args[1] instanceof Error, args[1].message]), [[true, `Rejected with ${describeValue(thrown)}`]])
    })
  }
}

test('source() logs an error while iterating, and keeps what it found', async t => {
  const trial = await runStage(t, source('broken', async function * (dial) {
    yield bareAddress(2)
    await sleep(100, dial.clock, dial.signal)
    throw new Error('The service is down')
  }), cands(1))

  t.is(trial.failure, undefined)
  t.is(said(trial).at(-1), '1 2')
  t.is(trial.host.errors.length, 1)
})

test('source() logs an error thrown by its function, and is not asked again', async t => {
  let asked = 0
  const trial = await runStage(t, source('broken', () => {
    asked++
    throw new Error('The service is down')
  }), cands(1))

  t.is(trial.failure, undefined)
  t.deepEqual(said(trial), ['1'])
  t.is(asked, 1)
})

test('source() logs and records an answer that is not of addresses, and the list goes on', async t => {
  for (const find of [() => ['/ip4/203.0.113.1/tcp/1'], async function * () { yield '/ip4/203.0.113.1/tcp/1' }, () => [{ ...cand(1) }], () => [undefined], () => undefined, () => 5, async () => undefined, async () => ['/ip4/203.0.113.1/tcp/1'], async () => (async function * () {})()]) {
    // `any`: a wrong value on purpose, which the check at run time refuses
    const trial = await runStage(t, source('silly', find as any), cands(1), { ms: 0 })
    const error = trial.sourceFault
    t.is(trial.failure, undefined)
    t.is(said(trial).at(-1), '1')
    t.is(error?.name, 'InvalidStageOutputError', String(find))
    t.regex(error?.message ?? '', /^Stage "silly" found /)
    t.deepEqual(trial.host.errors.map(args => args.at(-1)), [error])
  }
})

test('a live source adds its addresses again after a wrong answer', async t => {
  let found: readonly any[] = [cand(1), cand(2)]
  const trial = tryOut(t, source('live', () => found, { live: true }))
  trial.give({ candidates: [] })
  await trial.settle()

  for (const answer of [[cand(1), 7], found]) {
    found = answer
    trial.target.invalidate()
    await trial.settle()
  }

  t.deepEqual(said(trial), ['1 2', '1', '1 2'])
})

test('source() adds no candidate with the source certified that is not certified', async t => {
  const trial = await runStage(t, source('liar', () => [cand(1, { provenance: [{ source: 'user' }, { source: 'certified' }] })]), [], { ms: 0 })
  t.deepEqual(trial.last?.candidates, [])
  t.like(trial.sourceFault, { name: 'InvalidStageOutputError' })
  t.regex(trial.sourceFault?.message ?? '', /liar.* found .*203\.0\.113\.1.* with the source 'certified', although isCertified is not true/)
})

test('source() adds no candidate with the source dialled', async t => {
  for (const isCertified of [false, true]) {
    const trial = await runStage(t, source('liar', () => [cand(1, { isCertified, provenance: [{ source: 'user' }, { source: 'dialled' }] })]), [], { ms: 0 })
    t.deepEqual(trial.last?.candidates, [])
    t.like(trial.sourceFault, { name: 'InvalidStageOutputError' })
    t.regex(trial.sourceFault?.message ?? '', /liar.* found .*203\.0\.113\.1.* with the source 'dialled': only a connection makes an address that/)
  }
})

test('source() keeps a certified candidate as it is', async t => {
  const certified = cand(1, { isCertified: true, provenance: [{ source: 'certified' }] })
  const trial = await runStage(t, source('honest', () => [certified]), [], { ms: 0 })
  t.is(trial.last?.candidates[0], certified)
})

test('the recorded error of a source that finds a string says how to make a multiaddr', async t => {
  // `any`: a wrong value on purpose, which the check at run time refuses
  const trial = await runStage(t, source('texts', () => ['/ip4/192.0.2.1/tcp/1' as any]), [])

  t.is(trial.sourceFault?.message, "Stage \"texts\" found text, which is no address: write multiaddr('/ip4/192.0.2.1/tcp/1')")
})
