import test from 'ava'
import { dialable } from '../../src/stages/dialable.ts'
import { compliance } from '../../src/testing/index.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { brokenCandidates } from './compliance/broken-candidates.ts'
import { brokenLists } from './compliance/broken-lists.ts'
import { brokenManners } from './compliance/broken-manners.ts'
import { brokenSources } from './compliance/broken-sources.ts'
import { races } from './compliance/races.ts'
import { rightLists } from './compliance/right-lists.ts'
import { settlings } from './compliance/settling.ts'

for (const { name, breaks, andMore = false, fixture, make } of [...rightLists, ...brokenLists, ...brokenCandidates, ...brokenManners, ...brokenSources, ...races, ...settlings]) {
  test.serial(`${name} ${breaks.length === 0 ? 'keeps the contract' : `breaks ${breaks.join(', ')}`}`, async t => {
    const broken: number[] = []
    const said: string[] = []

    for (const check of compliance(make, fixture)) {
      const point = Number.parseInt(check.name, 10)

      try {
        await check.run()
      } catch (err: any) {
        t.true(err.message.includes(`breaks point ${point} of the contract`), err.stack)
        said.push(err.message)
        broken.push(point)
      }
    }

    t.deepEqual(andMore ? broken.filter(point => breaks.includes(point)) : broken, breaks, said.join('\n'))
  })
}

for (const name of ['candidates', 'components']) {
  test.serial(`every check fails when the fixture's ${name}() is an async function that rejects`, async t => {
    const unhandled = watchUnhandled(t)
    const checks = compliance(dialable, { [name]: rejects })

    for (const { run } of checks) {
      await t.throwsAsync(run(), { message: new RegExp(`The fixture's ${name}\\(\\) answered a promise`) })
    }

    t.true(checks.length > 5)
    t.deepEqual(await unhandled(), [])
  })
}
