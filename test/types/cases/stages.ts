import { certifiedOnly, staggered, stock } from '../../../presets/index.ts'
import { dialer } from '../../../src/index.ts'
import { certified, converge, dialable, fallback, fromCaller, fromPeerStore, fromRouting, gater, gather, libp2pOrder, onlyIfNone, pipeline, prefer, race, rank, resolve, retry, sequential, stagger, take, timeout, when } from '../../../src/stages/index.ts'

const any = (): boolean => true

// right
dialer(stock())
dialer(staggered())
dialer(certifiedOnly())
dialer(staggered().replace('libp2p-order', rank('mine', () => 0)).without('take').after('race', converge()))
dialer(pipeline(fromPeerStore(), fallback(timeout(1_000, pipeline(certified(), race())), retry(pipeline(race()))), converge()))
dialer(pipeline(fromCaller(), when(any, fromRouting()), resolve(), dialable(), gater(), gather(50), onlyIfNone(any), libp2pOrder(), take(), prefer(any), stagger(), sequential(), race()))

// as the README shows it
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

// what a combinator wraps has to fit it
// error: "pipeline yields candidates, and connections are needed: end it with race()"
fallback(pipeline(certified()))

// error: "certified yields candidates, and connections are needed: end it with race()"
fallback(race(), certified())

// error: "this is a factory, not a stage: call it"
fallback(race(), race)

// error: Expected at least 1 arguments, but got 0
fallback()

// error: Type '"candidates"' is not assignable to type '"connections"'
retry(certified())

// error: Type '"connections"' is not assignable to type '"candidates"'
when(any, race())

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
