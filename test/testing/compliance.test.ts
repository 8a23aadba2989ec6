import test from 'ava'
import { fallback, pipeline, race } from '../../src/stages/index.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { compliance } from '../../src/testing/compliance/index.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { brokenConnections } from './compliance/broken-connections.ts'
import { brokenLists } from './compliance/broken-lists.ts'
import { brokenRules } from './compliance/broken-rules.ts'
import { right } from './compliance/right.ts'
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
  test.serial(`${one.name} passes`, async t => {
    t.deepEqual(await complaints(one), [])
  })
}

for (const one of [...brokenLists, ...brokenRules, ...brokenConnections]) {
  test.serial(`${one.name} is told once, with its cause`, async t => {
    const said = await complaints(one)

    t.is(said.length, 1, said.join('\n'))
    t.regex(said[0] ?? '', one.says ?? /never/)
    t.regex(said[0] ?? '', /^Stage "/)
  })
}

for (const name of ['candidates', 'components']) {
  test.serial(`the first check fails when the fixture's ${name}() is an async function that rejects`, async t => {
    const unhandled = watchUnhandled(t)
    const [first] = compliance(dialable, { [name]: rejects }) as [ComplianceCheck]

    await t.throwsAsync(first.run(), { message: new RegExp(`The fixture's ${name}\\(\\) answered a promise`) })
    t.deepEqual(await unhandled(), [])
  })
}

test('what makes no stage is refused at once', t => {
  for (const nonsense of [undefined, race(), () => undefined, () => race, () => ({ name: 'x', accepts: {}, yields: 'candidates' })] as any[]) {
    t.throws(() => compliance(nonsense), { name: 'InvalidPipelineError' })
  }

  t.throws(() => compliance(dialable, { patiense: 1 } as any), { name: 'InvalidPipelineError', message: /patience/ })
})

test.serial('whole pipelines pass', async t => {
  t.deepEqual(await complaints({ make: () => pipeline(dialable(), fallback(pipeline(dialable(), race()), race())) }), [])
})
