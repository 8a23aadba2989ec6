import { filter } from '../../../src/pipeline/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { source } from '../../../src/pipeline/source.ts'
import { connect, settle } from '../stages.ts'

const keep = filter('keep', () => true)
const whole = pipeline(source('store', () => []), filter('first', () => true), connect, settle)

whole.replace('first', keep).before('keep', filter('second', () => true)).after('settle', settle).without('second')

// error: Argument of type '"nothing"' is not assignable to parameter of type '"connect" | "first" | "settle" | "store"'
whole.replace('nothing', keep)

// what was taken out is not there any more
// error: Argument of type '"first"' is not assignable to parameter of type '"connect" | "settle" | "store"'
whole.without('first').replace('first', keep)

// error: "settle needs connections, but stands below keep, which yields candidates"
whole.replace('connect', keep)

// error: "first needs candidates, but stands below connect, which yields connections"
whole.before('first', connect)

// error: "keep needs candidates, but stands below connect, which yields connections"
whole.after('connect', keep)

// error: "settle needs connections, but stands below first, which yields candidates"
whole.without('connect')

// a pipeline in a pipeline has a name too
pipeline(pipeline(source('store', () => []), keep), connect).replace('pipeline', source('other', () => []))
