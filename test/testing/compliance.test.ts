import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { fallback, pipeline, race, stage } from '../../src/stages/index.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { compliance } from '../../src/testing/compliance/index.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { brokenConnections } from './compliance/broken-connections.ts'
import { brokenLists } from './compliance/broken-lists.ts'
import { brokenRules } from './compliance/broken-rules.ts'
import { right } from './compliance/right.ts'
import { cand } from './try-out.ts'
import type { Case } from './compliance/case.ts'
import type { ComplianceCheck } from '../../src/testing/index.ts'

async function complaints ({ make, fixture }: Pick<Case, 'make' | 'fixture'>): Promise<string[]> {
  const said: string[] = []

  for (const { run } of compliance(make, fixture)) {
    await run().catch((err: Error) => { said.push(err.message) })
  }

  return said
}

for (const one of right) {
  test.serial(`compliance() passes for ${one.name}`, async t => {
    t.deepEqual(await complaints(one), [])
  })
}

for (const one of [...brokenLists, ...brokenRules, ...brokenConnections]) {
  test.serial(`compliance() reports once, with the cause: ${one.name}`, async t => {
    const said = await complaints(one)

    t.is(said.length, 1, said.join('\n'))
    t.regex(said[0] ?? '', one.says ?? /never/)
    t.regex(said[0] ?? '', /^Stage "[^\n]{1,500}$/)
    t.true((said[0]?.match(/\/ip[46]\//g) ?? []).length <= 4, said[0])
  })
}

test.serial('compliance() ends soon for a stage that polls for ever', async t => {
  let polls = 0
  const said = await complaints({
    make: () => stage('polls', ({ clock, signal }, work) => {
      work.add((async () => {
        for (;; polls++) {
          await sleep(1_000, clock, signal)
        }
      })())

      return ({ candidates }) => candidates
    })
  })

  t.is(said.length, 1, said.join('\n'))
  t.regex(said[0] ?? '', /its list is not complete after 60000 ms/)
  t.true(polls < 10_000, `${polls} polls`)
})

for (const name of ['candidates', 'components']) {
  test.serial(`the first check of compliance() fails when the fixture's ${name}() is an async function that rejects`, async t => {
    const unhandled = watchUnhandled(t)
    const [first] = compliance(dialable, { [name]: rejecting }) as [ComplianceCheck]

    await t.throwsAsync(first.run(), { message: new RegExp(`The fixture's ${name}\\(\\) answered a promise`) })
    t.deepEqual(await unhandled(), [])
  })
}

for (const [what, candidates] of Object.entries<() => any>({
  'multiaddrs': () => [1, 2, 3].map(n => multiaddr(`/ip4/203.0.113.${n}/tcp/1`)),
  'two candidates': () => [cand(1), cand(2)],
  'nothing': () => undefined
})) {
  test.serial(`the first check of compliance() fails when the fixture's candidates() returns ${what}`, async t => {
    const [first] = compliance(dialable, { candidates }) as [ComplianceCheck]

    await t.throwsAsync(first.run(), { message: /^The fixture's candidates\(\) answered .*: it answers three candidates or more, each made with candidate\(multiaddr, peerId\)$/ })
  })
}

test('compliance() throws for a function that makes no stage, and for unknown options', t => {
  for (const nonsense of [undefined, race(), () => undefined, () => race, () => ({ name: 'x', accepts: {}, yields: 'candidates' })] as any[]) {
    t.throws(() => compliance(nonsense), { name: 'InvalidPipelineError' })
  }

  t.throws(() => compliance(dialable, { timeLimt: 1 } as any), { name: 'InvalidPipelineError', message: /timeLimit/ })
})

test.serial('compliance() passes for a whole pipeline', async t => {
  t.deepEqual(await complaints({ make: () => pipeline(dialable(), fallback(pipeline(dialable(), race()), race())) }), [])
})
