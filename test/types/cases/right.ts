import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { hold } from '../../../src/pipeline/authoring/pace.ts'
import { pace } from '../../../src/pipeline/authoring/pace.ts'
import { pipeline, pipelineOf } from '../../../src/pipeline/pipeline.ts'
import { rank } from '../../../src/pipeline/authoring/rank.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { connect, settle } from '../stages.ts'
import type { AnyStage, Stage } from '../../../src/pipeline/types.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)

// the parameters of functions written in place have their types
const all = pipeline(
  store,
  filter('sync', candidate => candidate.isCertified || `not certified: ${candidate.id}`),
  filter('async', async (candidate, dial) => dial.outcomes.length > 0 ? 'too late' : candidate.isCertified),
  rank('rank', (a, b) => Number(b.isCertified) - Number(a.isCertified)),
  pace('pace', race => race.lastStart + 50),
  hold('later', race => candidate => candidate.isCertified ? 0 : race.firstStart + 500),
  source('late', async function * (dial) { yield * dial.target.multiaddrs }),
  stage('own', (dial, work) => {
    const open = work.after(500)

    return ({ candidates, complete }) => {
      if (complete && candidates.every(one => !one.isCertified || dial.tried(one))) {
        open.end()
      }

      return open.done ? candidates : candidates.filter(({ isCertified }) => isCertified)
    }
  }),
  stage('per-node', (_dial, _work, { asked }) => ({ candidates }) => candidates.slice(0, asked), { perNode: () => ({ asked: 1 }) }),
  connect,
  settle
)

// names survive edits
all.replace('sync', keep).replace('keep', filter('other', candidate => candidate.isCertified)).without('other')
all.before('race', keep).after('keep', store).without('own')

// parts are stages
const whole: Stage<'target', 'connections'> = pipeline(pipeline(store, keep), pipeline(connect, settle))
const parts = [store, connect] as const
const spread: Stage<'target', 'connections'> = pipeline(...parts)
const anyFilter: Stage = keep
pipeline(store, anyFilter, connect)

// a list that is made at run time is checked at run time
const list: AnyStage[] = [store, connect]
const dynamic: Stage<'target', 'connections'> = pipelineOf(list).replace('store', keep).after('anything', keep).without('whatever')

// a choice between two stages fits
const isMobile = true as boolean
pipeline(store, isMobile ? keep : rank('rank', () => 0), isMobile ? connect : pipeline(keep, connect))
