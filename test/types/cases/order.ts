import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { pace } from '../../../src/pipeline/authoring/pace.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { rank } from '../../../src/pipeline/authoring/rank.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { race } from '../../../src/stages/race.ts'
import { connect, settle } from '../stages.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)

// right: sources, filters and rankers in any order, then connections
pipeline(store, keep, rank('by-name', () => 0), source('more', () => []), filter('inline', candidate => candidate.isCertified), connect, settle)

pipeline(
  store,
  connect,
  // error: "keep needs candidates, but stands below race, which yields connections"
  keep
)

pipeline(
  store,
  connect,
  // error: "inline needs candidates, but stands below race, which yields connections"
  filter('inline', candidate => candidate.isCertified)
)

pipeline(
  connect,
  // error: "store needs target or candidates, but stands below race, which yields connections"
  store
)

pipeline(
  store,
  // error: "settle needs connections, but stands below store, which yields candidates"
  settle,
  connect
)

// nested pipelines fit by where they begin and end
pipeline(pipeline(store, keep), pipeline(connect, settle))

pipeline(
  pipeline(store, connect),
  // error: "keep needs candidates, but stands below pipeline, which yields connections"
  keep
)

// a factory that was not called
pipeline(
  store,
  // error: "this is a factory, not a stage: call it"
  () => keep
)

pipeline(
  store,
  // error: is not assignable to parameter of type '"this is a factory, not a stage: call it"'
  race
)

pipeline(
  store,
  // error: Argument of type '"race"' is not assignable to parameter of type '"this is not a stage"'
  'race'
)

// the parameters of a misplaced stage that is written in place have their types too
pipeline(
  store,
  connect,
  // error: "mine needs candidates, but stands below race, which yields connections"
  stage('mine', (dial, work) => ({ candidates }) => {
    work.at(dial.clock.now() + 500)

    return candidates.filter(one => one.isCertified)
  })
)

pipeline(
  store,
  // error: Type 'number' is not assignable to type 'readonly Candidate[]'
  stage('mine', () => ({ candidates }) => candidates.length),
  connect
)

pipeline(
  store,
  // error: Type 'string' is not assignable to type 'number | ((candidate: Candidate) => number)'
  pace('mine', () => 'soon'),
  connect
)

// error: Expected at least 1 arguments, but got 0
pipeline()
