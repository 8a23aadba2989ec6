import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { expand } from '../../src/pipeline/authoring/expand.ts'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../src/pipeline/combinators/timeout.ts'
import { when } from '../../src/pipeline/combinators/when.ts'
import { filter, onlyIfNone } from '../../src/pipeline/authoring/filter.ts'
import { gather } from '../../src/pipeline/authoring/gather.ts'
import { pace, prefer } from '../../src/pipeline/authoring/pace.ts'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { rank } from '../../src/pipeline/authoring/rank.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { certified } from '../../src/stages/certified.ts'
import { converge } from '../../src/stages/converge.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { complies } from '../testing/complies.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const one = multiaddr('/ip4/203.0.113.71/tcp/1')
const two = multiaddr('/ip4/203.0.113.72/tcp/1')
const isCertified = (candidate: Candidate): boolean => candidate.isCertified
const byLength = (a: Candidate, b: Candidate): number => a.id.length - b.id.length

complies('source of an array', () => source('made', () => [one, two]))

for (const when of ['always', 'empty', 'exhausted'] as const) {
  complies(`source when ${when} that finds one after another`, () => source('made', async function * (dial) {
    for (const found of [one, multiaddr('/ip4/127.0.0.1/tcp/4001'), two]) {
      await sleep(20, dial.clock, dial.signal)
      yield found
    }
  }, { when }))
}

complies('source that fails', () => source('made', async function * (dial) {
  yield one
  await sleep(20, dial.clock, dial.signal)
  throw new Error('The service is down')
}))

complies('source of candidates that the list has already', () => source('made', dial => {
  return [candidate(multiaddr('/ip4/127.0.0.1/tcp/4001'), dial.target.peerId, { isCertified: true, provenance: [{ source: 'made' }] })]
}))

complies('filter', () => filter('made', one => isCertified(one) || 'not certified'))
complies('filter with an answer for each after a while of its own', () => filter('made', async (one, dial) => {
  await sleep(one.id.length * 10, dial.clock, dial.signal)

  return isCertified(one)
}))
complies('rank', () => rank('made', byLength, () => 0))
complies('pace', () => pace('made', ({ lastStart }) => lastStart + 100))
complies('expand that leaves all as it is', () => expand('made', one => [one]))
complies('expand to none, itself, and another', () => {
  const others = new Map<Candidate, Candidate>()

  return expand('made', (candidate_, dial) => {
    const other = others.get(candidate_) ?? candidate(multiaddr('/ip4/203.0.113.71/tcp/1'), dial.target.peerId, { provenance: [{ source: candidate_.id }] })
    others.set(candidate_, other)

    return [[], [candidate_], [candidate_, other]][candidate_.id.length % 3] ?? []
  })
})
complies('expand that takes a while', () => expand('made', async function * (candidate_, dial) {
  await sleep(20, dial.clock, dial.signal)
  yield candidate_
  await sleep(20, dial.clock, dial.signal)
  yield candidate(candidate_.multiaddr.encapsulate('/p2p-circuit'), dial.target.peerId, { provenance: candidate_.provenance })
}))
complies('stage', () => stage('made', () => ({ candidates }) => candidates.toReversed()))

complies('prefer', () => prefer(isCertified))
complies('prefer for a while', () => prefer(isCertified, { after: 100 }))
complies('only-if-none', () => onlyIfNone(isCertified))
complies('only-if-none of what there is none of', () => onlyIfNone(({ id }) => id.includes('/memory/')))
complies('gather', () => gather(50))

complies('when it holds', () => when(() => true, certified()))
complies('when it does not hold', () => when(() => false, certified()))
complies('when it holds of a source', () => when(() => true, fromRouting({ when: 'always' })))
complies('when it does not hold of a source', () => when(() => false, fromRouting({ when: 'always' })))

complies('fallback of races', () => fallback(race(), race()))
complies('fallback of one', () => fallback(race()))
complies('fallback of pipelines', () => fallback(pipeline(certified(), race()), pipeline(stagger(20), race())))
complies('fallback of pipelines from the target', () => fallback(pipeline(fromCaller(), certified(), race()), pipeline(fromCaller(), race())), { from: ['target'] })

complies('retry', () => retry(race()))
complies('retry of a pipeline from the target', () => retry(pipeline(fromCaller(), race()), { retries: 2, delay: 100 }), { from: ['target'] })
complies('timeout', () => timeout(50_000, race()))
complies('timeout of a pipeline from the target', () => timeout(50_000, pipeline(fromCaller(), race())), { from: ['target'] })
complies('all of them in one another', () => fallback(timeout(20_000, retry(pipeline(certified(), race()), { delay: 100 })), race()))

complies('a pipeline in a pipeline', () => pipeline(pipeline(certified(), stagger(100)), pipeline(race(), converge())))
complies('a pipeline of lists', () => pipeline(certified(), rank('by-length', byLength), prefer(({ id }) => id.includes('203'))))
complies('a pipeline that was put together at run time', () => pipelineOf([filter('made', () => true), race()]))
complies('a pipeline with a pace of its own', () => pipeline(pace('made', ({ lastStart }) => lastStart + 30), race()))
