import { createLibp2p } from 'libp2p'
import { certifiedOnly, staggered, stock } from '../../../presets/index.ts'
import { dialer } from '../../../src/index.ts'
import { attemptRetry, attemptTimeout, certified, converge, dialable, fallback, filter, fromCaller, fromPeerStore, fromRouting, gater, gather, libp2pOrder, onlyIfNone, pipeline, prefer, race, rank, resolve, retry, sequential, stagger, take, timeout, verify, when } from '../../../src/stages/index.ts'

const any = (): boolean => true

// right
dialer(stock())
dialer(staggered())
dialer(certifiedOnly())
dialer(staggered().replace('libp2p-order', rank('mine', () => 0)).without('take').after('race', converge()))
dialer(pipeline(fromPeerStore(), fallback(timeout(1_000, pipeline(certified(), race())), retry(pipeline(race()))), converge()))
dialer(pipeline(fromCaller(), when(any, fromRouting()), resolve(), dialable(), gater(), gather(50), onlyIfNone(any), libp2pOrder(), take(), prefer(any), stagger(), sequential(), race()))

// the error in docs/get-started.md
// error: Argument of type 'Stage<"candidates", "candidates", "gater">' is not assignable to parameter of type '"gater needs candidates, but stands below race, which yields connections"'
pipeline(fromPeerStore(), race(), gater())

// error: "from-routing needs target or candidates, but stands below race, which yields connections"
pipeline(fromPeerStore(), race(), fromRouting())

// error: "libp2p-order needs candidates, but stands below race, which yields connections"
pipeline(fromPeerStore(), race(), libp2pOrder())

// error: "stagger needs candidates, but stands below converge, which yields connections"
pipeline(fromPeerStore(), race(), converge(), stagger())

// error: "race needs candidates, but stands below race, which yields connections"
pipeline(fromPeerStore(), race(), race())

// error: "converge needs connections, but stands below from-peer-store, which yields candidates"
pipeline(fromPeerStore(), converge(), race())

// error: "only-if-none needs candidates, but stands below fallback, which yields connections"
pipeline(fromPeerStore(), fallback(race(), race()), onlyIfNone(any))

// the pipelines of a combinator have to fit
// error: "pipeline yields candidates, and connections are needed: end it with race()"
fallback(pipeline(certified()))

// error: "certified yields candidates, and connections are needed: end it with race()"
fallback(race(), certified())

// error: "verify needs connections itself: put race() above it"
fallback(race(), verify(() => true))

// error: "pipeline needs connections itself: put race() above it"
fallback(pipeline(verify(() => true), converge()))

// error: "converge needs connections itself: put race() above it"
staggered().after('race', retry(converge()))

// error: "verify needs connections itself: put race() above it"
staggered().after('race', timeout(1_000, verify(() => true)))

// error: "this is a factory, not a stage: call it"
fallback(race(), race)

// error: Expected at least 1 arguments, but got 0
fallback()

// error: "this is an array, not a stage: spread it, as in pipeline(...stages)"
fallback([race()])

// error: "certified yields candidates, and connections are needed: end it with race()"
retry(certified())

// error: "this is a factory, not a stage: call it"
retry(race)

// error: "this is not a stage"
retry(3)

// error: "pipeline yields candidates, and connections are needed: end it with race()"
timeout(1_000, pipeline(certified()))

// error: "this is a factory, not a stage: call it"
timeout(1_000, race)

// error: "timeout() takes the milliseconds first: write timeout(ms, pipeline)"
timeout(race(), 100)

// error: Argument of type 'string' is not assignable to parameter of type 'number'
timeout('100', race())

// error: "race yields connections, and candidates are needed"
when(any, race())

// error: "this is a factory, not a stage: call it"
when(any, take)

// error: "this is an array, not a stage: spread it, as in pipeline(...stages)"
when(any, [take()])

// error: "this is an array, not a stage: spread it, as in pipeline(...stages)"
pipeline([fromCaller(), race()])

// error: Expected 2-3 arguments, but got 1
filter(() => true)

// layers around an attempt
race({ attempt: [attemptRetry(1), next => async (candidate, options) => next(candidate, { ...options, onStart: at => { at.toFixed() } })] })

// error: Type 'AttemptLayer' is not assignable to type 'readonly AttemptLayer[]'
race({ attempt: attemptTimeout() })

// error: '"this is a factory, not a layer: call it"'
race({ attempt: [attemptRetry(1), attemptTimeout] })

// a pipeline is no service
// error: is not assignable to type
await createLibp2p({ services: { dialer: staggered() } })

// error: Expected 1-2 arguments, but got 0
dialer()

// a dialer needs a whole pipeline
// error: "pipeline yields candidates, and connections are needed: end it with race()"
dialer(pipeline(fromPeerStore(), stagger()))

// error: "pipeline needs candidates: begin it with a source such as fromCaller()"
dialer(pipeline(stagger(), race()))

// error: "fallback needs candidates: begin it with a source such as fromCaller()"
dialer(fallback(race(), pipeline(fromCaller(), race())))

// error: "pipeline yields candidates, and connections are needed: end it with race()"
dialer(staggered().without('race'))

// error: "this is a factory, not a stage: call it"
dialer(staggered)
