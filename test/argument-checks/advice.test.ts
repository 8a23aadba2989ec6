import test from 'ava'
import * as presets from '../../presets/index.ts'
import * as root from '../../src/index.ts'
import * as stages from '../../src/stages/index.ts'
import { fn, race } from './values.ts'

for (const [what, make, advice] of [
  // `any`: each row passes a wrong value on purpose
  ["transports(['tcp', 'ws'])", () => stages.transports(['tcp', 'ws'] as any), "transports() needs 'circuit' or 'memory' or 'quic-v1' or 'tcp' or 'webrtc' or 'webrtc-direct' or 'webtransport' or 'ws' or 'wss', not an array of 2"],
  ["byProvenance(['user'])", () => stages.byProvenance(['user'] as any), "byProvenance() needs a name, not an array of 1"],
  ["requireProtocol(['/chat/1'])", () => stages.requireProtocol(['/chat/1'] as any), "requireProtocol() needs a name, not an array of 1"],
  ["stage({ accepts: ['connection'] })", () => stages.stage({ name: 'door', accepts: ['connection'] as any, yields: 'connections', run: fn }), "stage() needs an array of one or more of 'connections' as accepts, not an array with 'connection' at index 0: write 'connections'"],
  ["stage({ yields: 'lists' })", () => stages.stage({ name: 'door', accepts: ['connections'], yields: 'lists' as any, run: fn }), "stage() needs 'connections' as yields, not 'lists'"],
  ["stage({ yields: 'candidates' })", () => stages.stage({ name: 'door', accepts: ['candidates'], yields: 'candidates', run: fn } as any), "stage() needs 'connections' as yields, not 'candidates'"],
  ['filter({ options: [Symbol()] })', () => stages.filter('door', fn, { options: [Symbol('tier') as any] }), 'filter("door") needs an array of names other than then, toJSON, signal as options, not an array with Symbol(tier) at index 0'],
  ['provenance(undefined)', () => stages.provenance(undefined), 'provenance() needs an array of sources, or { include, exclude }, not undefined: write provenance() for no policy'],
  ["provenance(['user', 3])", () => stages.provenance(['user', 3 as any]), 'provenance() needs an array of sources, not an array with 3 at index 1'],
  ['dialer()', () => (root.dialer as any)(), "dialer() needs a pipeline, not undefined: write dialer(adaptive()), with import { adaptive } from 'libp2p-dial-pipeline/presets'"],
  ['attach(node)', () => (root.attach as any)({ components: {} }), "attach() needs a pipeline, not undefined: write attach(node, adaptive()), with import { adaptive } from 'libp2p-dial-pipeline/presets'"],
  ['dialer(adaptive)', () => (root.dialer as any)(presets.adaptive), 'dialer() needs a pipeline, not a factory: call it as adaptive()'],
  ['pipeline([…])', () => (stages.pipeline as any)([stages.fromCaller(), race]), 'The pipeline cannot be put together: stage 1 is an array of 2, not a stage: write pipeline(...stages), or pipelineOf(stages)'],
  ['pipelineOf(race())', () => stages.pipelineOf(race as any), 'pipelineOf() needs an array of stages, not the stage "race": write pipelineOf([…])'],
  ['pipelineOf(fromCaller(), race())', () => (stages.pipelineOf as any)(stages.fromCaller(), race), 'pipelineOf() needs an array of stages, not the stage "from-caller": write pipelineOf([…])'],
  ['race(race())', () => stages.race(race as any), 'race() needs an object of options, not the stage "race"'],
  ['fallback([…])', () => (stages.fallback as any)([race, race]), 'fallback() takes its pipelines one by one, not an array of 2: write fallback(...pipelines)'],
  ['retry(race(), 3)', () => stages.retry(race, 3 as any), 'retry() needs an object of options, not 3'],
  ['pipeline(…, race)', () => (stages.pipeline as any)(stages.fromCaller(), stages.race), 'The pipeline cannot be put together: stage 2 is a factory, not a stage: call it as race()'],
  ["adaptive().replace('race', attemptTimeout())", () => (presets.adaptive() as any).replace('race', stages.attemptTimeout()), 'The pipeline cannot be put together: stage 19 is a function, not a stage: call it if it makes a stage. An attempt layer goes into race({ attempt: [layer] })'],
  ['fallback()', () => (stages.fallback as any)(), 'fallback() needs one or more pipelines that yield connections: write fallback(pipeline(…, race()), race())'],
  ['timeout(race(), 100)', () => (stages.timeout as any)(race, 100), 'timeout() needs a number of milliseconds, 0 or more, or Infinity, not the stage "race": write timeout(ms, pipeline)'],
  ['timeout(100, take())', () => stages.timeout(100, stages.take() as any), 'timeout() needs a pipeline that yields connections, not the stage "take", which yields candidates: put race() below it'],
  ['timeout(100, verify())', () => stages.timeout(100, stages.verify(fn) as any), 'timeout() needs a pipeline that yields connections, not the stage "verify", which needs connections itself: put race() above it'],
  ['retry(converge())', () => stages.retry(stages.converge() as any), 'retry() needs a pipeline that yields connections, not the stage "converge", which needs connections itself: put race() above it'],
  ['fallback(race(), pipeline(verify()))', () => stages.fallback(race, stages.pipeline(stages.verify(fn)) as any), 'fallback() needs a pipeline that yields connections, not the stage "pipeline", which needs connections itself: put race() above it'],
  ['advice(verify())', () => stages.advice(stages.verify(fn)), 'advice() needs a pipeline that yields connections, not the stage "verify", which needs connections itself: put race() above it'],
  ['retry(race)', () => stages.retry(stages.race as any), 'retry() needs a pipeline that yields connections, not a factory: call it as race()'],
  ['when(take(), …)', () => (stages.when as any)(stages.take(), fn), 'when() needs a function, not the stage "take": write when(predicate, stage)'],
  ['when(…, race())', () => stages.when(fn, race as any), 'when() needs a stage that yields candidates, not the stage "race", which yields connections'],
  ['filter(() => true)', () => (stages.filter as any)(fn), "filter() needs a name without /, not a function: write filter('…', …)"],
  ['race({ attempt: attemptTimeout() })', () => stages.race({ attempt: stages.attemptTimeout() as any }), 'race() needs an array of functions that wrap an attempt as attempt, not a function: write [attemptTimeout()]'],
  ['race({ attempt: [attemptTimeout] })', () => stages.race({ attempt: [stages.attemptTimeout as any] }), 'race() needs an array of functions that wrap an attempt as attempt, not an array with a function at index 0: write attemptTimeout()'],
  ['dialer({ slots: 10 })', () => root.dialer(presets.stock(), { slots: 10 as any }), 'dialer() needs an object as slots, not 10'],
  ['dialer({ history: true })', () => root.dialer(presets.stock(), { history: true as any }), 'dialer() needs an object as history, not true: write { persist: true }'],
  ['dialer({ history: false })', () => root.dialer(presets.adaptive(), { history: false as any }), 'dialer() needs an object as history, not false: write dialer(staggered()), which orders and drops nothing by the history'],
  ['dialer({ bans: true })', () => root.dialer(presets.stock(), { bans: true as any }), 'dialer() needs an object as bans, not true: write { persist: true }']
] as const) {
  test(`the error for ${what} says what is wrong and what to write`, t => {
    t.throws(make, { message: advice })
  })
}
