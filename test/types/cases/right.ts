import { filter } from '../../../src/pipeline/filter.ts'
import { pace } from '../../../src/pipeline/pace.ts'
import { pipeline, pipelineOf } from '../../../src/pipeline/pipeline.ts'
import { rank } from '../../../src/pipeline/rank.ts'
import { source } from '../../../src/pipeline/source.ts'
import { stage } from '../../../src/pipeline/stage.ts'
import { connect, settle } from '../stages.ts'
import type { AnyStageInit, StageInit } from '../../../src/pipeline/types.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)

// the parameters of functions written in place have their types
const all = pipeline(
  store,
  filter('sync', candidate => candidate.isCertified || `not certified: ${candidate.id}`),
  filter('async', async (candidate, dial) => dial.outcomes.length > 0 ? 'too late' : candidate.isCertified),
  rank('rank', (a, b) => Number(b.isCertified) - Number(a.isCertified)),
  pace('pace', above => state => above(state)),
  source('late', async function * (dial) { yield * dial.target.multiaddrs }),
  stage({
    name: 'own',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists) {
      for await (const list of lists) {
        yield { ...list, candidates: list.candidates.slice(1) }
      }
    }
  }),
  connect,
  settle
)

// names survive edits
all.replace('sync', keep).replace('keep', filter('other', candidate => candidate.isCertified)).without('other')
all.before('connect', keep).after('keep', store).without('own')

// parts are stages
const whole: StageInit<'target', 'connections'> = pipeline(pipeline(store, keep), pipeline(connect, settle))
const parts = [store, connect] as const
const spread: StageInit<'target', 'connections'> = pipeline(...parts)
const anyFilter: StageInit = keep
pipeline(store, anyFilter, connect)

// a list that is made at run time is checked at run time
const list: AnyStageInit[] = [store, connect]
const dynamic: StageInit<'target', 'connections'> = pipelineOf(list).replace('store', keep).after('anything', keep).without('whatever')
