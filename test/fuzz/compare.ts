// Compares two built checkouts on the same random pipelines:
//
// node test/fuzz/compare.ts OLD NEW --cases 3000 --from 1    compares many cases
// node test/fuzz/compare.ts OLD NEW --without take,verify    omits kinds of stages whose differences are known
// node test/fuzz/compare.ts OLD NEW --seed 123               compares one case
//
// --without also takes: callers (more than one), leaves, force, denied (addresses), unproven (claims of the peer store), unspecified
// (addresses), gater-delay, store-delay, book-delay, routing-delay, names-delay, and errors (their names are then not compared).
//
// A case has sources, filters, rankers, paces, holds, combinators and presets, a scripted network, and callers who dial, join and leave. Both
// versions run it on virtual clocks. The attempts with their times, the result of each caller with its time, and the connections are compared.
//
// A case that differs is shortened as long as it still differs. Cases with the same kinds of stages form a group, because they usually have one
// cause. The exit code is 1 if cases differ. A difference need not be a fault: find and judge its reason.
import { parseArgs } from 'node:util'
import { runCases } from './pool.ts'
import { addStatistics } from './statistics.ts'
import type { CaseResult } from './case.ts'
import type { Statistics } from './statistics.ts'

const { values, positionals: [older, newer] } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '3000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    without: { type: 'string', default: '' },
    workers: { type: 'string', default: '1' },
    /** The number of cases that are shown of each group */
    show: { type: 'string', default: '1' }
  }
})

if (older == null || newer == null) {
  throw new Error('Say which two checkouts are compared: node test/fuzz/compare.ts OLD NEW')
}

const module = new URL(`compare/case.ts?${new URLSearchParams({ older, newer, without: values.without }).toString()}`, import.meta.url)
const groups = new Map<string, CaseResult[]>()
const statistics: Statistics = {}
const cases = values.seed == null ? Number(values.cases) : 1
let done = 0

await runCases({
  from: Number(values.seed ?? values.from),
  cases,
  workers: Number(values.workers),
  module,
  onResult: result => {
    done++
    addStatistics(statistics, result.statistics)

    if (result.violations.length > 0) {
      const name = result.violations[0] as string
      groups.set(name, [...groups.get(name) ?? [], result])
    }

    if (done % 500 === 0) {
      console.error(`${done} of ${cases} cases, ${groups.size} groups that differ`)
    }
  }
})

for (const [name, results] of [...groups].toSorted(([, a], [, b]) => b.length - a.length)) {
  console.log(`\n${results.length} × ${name}`)

  for (const { seed, violations } of results.slice(0, Number(values.show))) {
    console.log([`seed ${seed}`, ...violations.slice(1)].join('\n  '))
  }

  console.log(`seeds ${results.map(({ seed }) => seed).join(' ')}`)
}

const differing = [...groups.values()].flat().length
console.log(`\n${cases - differing} of ${cases} cases are equal, ${differing} differ`)
console.log(Object.entries(statistics).toSorted(([, a], [, b]) => b - a).map(([what, count]) => `${what} ${count}`).join(', '))
process.exitCode = differing > 0 ? 1 : 0
