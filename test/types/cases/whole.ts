import { filter } from '../../../src/pipeline/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { source } from '../../../src/pipeline/source.ts'
import { connect } from '../stages.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)

/** As a dialer does */
declare function whole (pipeline: DialPipeline): void

whole(pipeline(store, keep, connect))
whole(pipeline(pipeline(store, keep), connect))

// error: Property 'target' is missing in type '{ readonly candidates: true; }'
whole(pipeline(connect))

// error: Property 'target' is missing in type '{ readonly candidates: true; }'
whole(pipeline(keep, connect))

// error: Type '"candidates"' is not assignable to type '"connections"'
whole(pipeline(store, keep))
