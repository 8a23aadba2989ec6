import { staggered, stock } from '../../../presets/index.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { dialer } from '../../../src/dialer/index.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { rank } from '../../../src/pipeline/authoring/rank.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { attemptTimeout } from '../../../src/stages/attempt-layers.ts'
import { converge } from '../../../src/stages/converge.ts'
import { race } from '../../../src/stages/race.ts'
import { settle } from '../stages.ts'

const isMobile = true as boolean
const keep = filter('keep', () => true)
const whole = pipeline(source('store', () => []), filter('first', () => true), race(), settle)

whole.replace('first', keep).before('keep', filter('second', () => true)).after('settle', settle).without('second')

// a variable holds a pipeline before and after an edit
let edited = staggered()
edited = edited.after('resolve', keep)
edited = edited.before('take', source('mine', () => []))
edited = edited.replace('libp2p-order', rank('mine', () => 0))
edited = edited.without('take')
edited = edited.after('race', converge())

edited = edited.before('from-caller', source('mine', () => []))
edited = edited.replace('from-caller', source('other', () => []))
edited = edited.without('from-caller')
dialer(edited)

// the topmost stage decides what a pipeline accepts
const filtered = staggered().before('from-caller', keep)
pipeline(source('store', () => []), filtered)
dialer(filtered.before('keep', source('mine', () => [])))
dialer(staggered().before('from-caller', source('mine', () => [])).before('from-caller', keep))
dialer(staggered().before('from-known', keep).without('from-known').without('from-routing'))
dialer(staggered().without('from-caller').before('from-known', source('mine', () => [])))

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(filtered)

// error: Type 'Pipeline<"candidates",
edited = edited.before('from-caller', keep)

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(staggered().replace('from-caller', keep))

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(staggered().without('from-caller').without('from-known').without('from-routing'))

// a choice between two pipelines is edited in the same way
;(isMobile ? staggered() : stock()).after('resolve', keep).before('take', keep).replace('race', race()).without('gater')

// a nested pipeline has a name too
pipeline(pipeline(source('store', () => []), keep), race()).replace('pipeline', source('other', () => []))

// the first argument may be a name. Edits reach a stage of a nested pipeline as `name/stage`, and its type knows what they leave
const nested = pipeline('dial', source('store', () => []), pipeline('known', filter('first', () => true), pipeline('inner', keep)), race())
export const name: 'dial' = nested.name
nested.after('known/first', filter('second', () => true)).without('known/second').replace('known', keep)
nested.before('known/inner/keep', keep).replace('known/inner', rank('mine', () => 0)).without('known/mine')
let renamed = nested
renamed = renamed.replace('known/first', keep)
;(isMobile ? nested : pipeline(pipeline('known', source('store', () => []), filter('first', () => true)), race())).without('known/first')

// error: Argument of type '"known/third"' is not assignable to parameter of type '"known" | "known/first" | "known/inner" | "known/inner/keep" | "race" | "store"'
nested.without('known/third')

// error: Argument of type '"known/first"' is not assignable to parameter of type
nested.without('known/first').without('known/first')

// error: "keep yields candidates, but stands in the place of race, which yields connections"
pipeline(source('store', () => []), pipeline('dials', keep, race())).replace('dials/race', keep)

// error: "settle needs connections, but stands below first, which yields candidates"
nested.after('known/first', settle)

// error: "this is a name: write the stages below it"
pipeline('dial')

// error: Argument of type '"nothing"' is not assignable to parameter of type '"first" | "race" | "settle" | "store"'
whole.replace('nothing', keep)

// error: Argument of type '"stagger"' is not assignable to parameter of type
;(isMobile ? staggered() : stock()).without('stagger')

// a removed stage has no name any more
// error: Argument of type '"first"' is not assignable to parameter of type '"race" | "settle" | "store"'
whole.without('first').replace('first', keep)

// error: "keep yields candidates, but stands in the place of race, which yields connections"
whole.replace('race', keep)

// error: "settle needs connections, but stands in the place of race, which needs candidates"
whole.replace('race', settle)

// error: "race makes connections of candidates, as race does: write .replace('race', …)"
whole.before('first', race())

// error: "settle needs connections, but stands below first, which yields candidates"
whole.after('first', settle)

// error: "settle needs connections, but stands below keep, which yields candidates"
whole.before('settle', keep)

// error: "keep needs candidates, but stands below race, which yields connections"
whole.after('race', keep)

// error: "keep needs candidates, but stands below race, which yields connections"
;(isMobile ? staggered() : stock()).after('race', keep)

// error: "settle needs connections, and nothing but race yields them"
whole.without('race')

// error: "this is an attempt layer, not a stage: write race({ attempt: [layer] })"
staggered().replace('race', attemptTimeout())

// error: "this is a factory, not a stage: call it"
whole.after('first', race)
