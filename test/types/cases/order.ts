import { filter } from '../../../src/pipeline/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { rank } from '../../../src/pipeline/rank.ts'
import { source } from '../../../src/pipeline/source.ts'
import { connect, settle } from '../stages.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)

// right: sources, filters and rankers in any order, then connections
pipeline(store, keep, rank('by-name', () => 0), source('more', () => []), filter('inline', candidate => candidate.isCertified), connect, settle)

pipeline(
  store,
  connect,
  // error: "keep needs candidates, but stands below connect, which yields connections"
  keep
)

pipeline(
  store,
  connect,
  // error: "inline needs candidates, but stands below connect, which yields connections"
  filter('inline', candidate => candidate.isCertified)
)

pipeline(
  connect,
  // error: "store needs target or candidates, but stands below connect, which yields connections"
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
  // error: missing the following properties from type 'AnyStageInit': accepts, yields
  () => keep
)

// error: Expected at least 1 arguments, but got 0
pipeline()
