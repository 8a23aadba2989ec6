import { dialer } from '../../../src/index.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { pipeline, pipelineOf } from '../../../src/pipeline/pipeline.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { testDial } from '../../../src/testing/index.ts'
import { connect } from '../stages.ts'
import type { Dialer, DialerComponents } from '../../../src/index.ts'
import type { AnyStage, DialComponents, DialPipeline } from '../../../src/pipeline/types.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)
const whole = pipeline(store, keep, connect)
const isMobile = true as boolean

// a pipeline that the compiler knows to be whole is a DialPipeline
const known: DialPipeline = pipeline(pipeline(store, keep), connect)

export const always: (components: DialerComponents) => Dialer = dialer(whole)
export const configured: (components: DialerComponents) => Dialer = dialer(known, { slots: { node: 10 } })
export const orElse: (components: DialerComponents) => Dialer | undefined = dialer(whole, { orElse: 'libp2p' })
dialer(isMobile ? whole : pipeline(store, connect))
dialer(pipelineOf([store, connect]))

// error: Type 'undefined' is not assignable to type 'Dialer'
export const never: (components: DialerComponents) => Dialer = dialer(whole, { orElse: 'libp2p' })

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(pipeline(connect))

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(pipeline(keep, connect))

// error: "race needs candidates: begin it with a source such as fromCaller()"
dialer(connect)

// error: "pipeline yields candidates, and connections are needed: end it with race()"
dialer(pipeline(store, keep))

// error: pipeline yields candidates, and connections are needed: end it with race()
dialer(isMobile ? whole : pipeline(store, keep))

// error: "this is a factory, not a stage: call it"
dialer(() => whole)

// error: "this is not a stage"
dialer({ pipeline: whole })

// error: 'slot' does not exist in type 'DialerInit & OrElse<undefined>'. Did you mean to write 'slots'?
dialer(whole, { slot: { node: 10 } })

declare const stage: AnyStage

// error: needs target or candidates or connections: begin it with a source such as fromCaller()
dialer(stage)

declare const components: DialComponents
const { run, lists } = testDial({ components })

run(whole)
run(pipelineOf([store, connect]))
run(stage)
lists(store, keep)
lists(stage, ...[keep])

// error: "pipeline yields candidates, and connections are needed: end it with race()"
run(pipeline(store, keep))

// error: "race needs candidates: begin it with a source such as fromCaller()"
run(connect)

// error: "race yields connections, and candidates are needed"
lists(store, connect)

// error: "this is a factory, not a stage: call it"
lists(() => store)
