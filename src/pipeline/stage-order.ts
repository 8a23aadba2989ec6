import { describeValue, isStage } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'
import { findPlan } from './runtime/make-stage.ts'
import type { AnyStage, AttemptLayer, Flow } from './types.ts'

/** Why a stage of another copy of this package is refused: its filters could not be found for the dial of a relay */
export const OF_ANOTHER_COPY = 'was made with another copy of libp2p-dial-pipeline: install one version only (npm ls libp2p-dial-pipeline, npm dedupe)'

/** Returns every reason why the stages cannot follow one another, in words */
export function faultsIn (stages: readonly AnyStage[]): string[] {
  if (stages.length === 0) {
    return ['it has no stages']
  }

  return stages.flatMap((stage, i) => {
    const position = `stage ${i + 1}`

    if (!isStage(stage)) {
      const [what, remedy] = remedyFor(stage) ?? []

      return [remedy == null ? `${position} is not a stage (${describeValue(stage)})` : `${position} is ${what}, not a stage: ${remedy}`]
    }

    if (findPlan(stage) == null) {
      return [`${position} "${stage.name}" ${OF_ANOTHER_COPY}`]
    }

    const above = stages[i - 1]

    if (!isStage(above) || stage.accepts[above.yields] === true) {
      return []
    }

    return [`${position} "${stage.name}" needs ${flows(stage)}, but stands below "${above.name}", which yields ${above.yields}`]
  })
}

/** The argument of a combinator in words, by the output that it needs */
const WANTED = { target: 'a stage', candidates: 'a stage that yields candidates', connections: 'a pipeline that yields connections' }

/** @throws InvalidPipelineError if an argument is not a stage with this output */
export function checkStages (owner: string, yields: keyof Flow, ...stages: readonly unknown[]): void {
  for (const stage of stages) {
    if (!isStage(stage) || stage.yields !== yields) {
      throw new InvalidPipelineError(`${owner} needs ${WANTED[yields]}, not ${isStage(stage) ? `the stage "${stage.name}", which yields ${stage.yields}${yields === 'connections' ? ': put race() below it' : ''}` : describeStage(stage)}`)
    }

    if (findPlan(stage) == null) {
      throw new InvalidPipelineError(`${owner} cannot take the stage "${stage.name}": it ${OF_ANOTHER_COPY}`)
    }
  }
}

/** @throws InvalidPipelineError if an argument is not a pipeline with a race */
export function checkPipelines (owner: string, ...pipelines: readonly AnyStage[]): void {
  checkStages(owner, 'connections', ...pipelines)
  const below = pipelines.find(({ accepts }) => accepts.target !== true && accepts.candidates !== true)

  if (below != null) {
    throw new InvalidPipelineError(`${owner} needs ${WANTED.connections}, not the stage "${below.name}", which needs connections itself: put race() above it`)
  }
}

/** Returns the inputs of a stage in words */
export function flows (stage: AnyStage): string {
  return (Object.keys(stage.accepts) as Array<keyof Flow>).join(' or ')
}

/** Describes a value that is not a stage, and says what to write instead */
export function describeStage (value: unknown): string {
  return remedyFor(value)?.join(': ') ?? describeValue(value)
}

/** Describes a value that was most likely meant as a stage, and says what to write */
function remedyFor (value: unknown): readonly [what: string, remedy: string] | undefined {
  try {
    return typeof value === 'function' ? value.name === '' ? ['a function', 'call it if it makes a stage. An attempt layer goes into race({ attempt: [layer] })'] : ['a factory', `call it as ${value.name}()`]
      : Array.isArray(value) ? [describeValue(value), 'write pipeline(...stages), or pipelineOf(stages)']
        : undefined
  } catch {
    // a revoked proxy throws when it is read
    return undefined
  }
}

/** A function that creates a stage */
export type Factory = (...args: any) => AnyStage

/** The compiler's error for a stage that does not fit the one above it, in the words of the run-time check */
export type Misplaced<X extends AnyStage, Above extends AnyStage> =
  `${X['name']} needs ${Words<keyof X['accepts']>}, but stands below ${Above['name']}, which yields ${Above['yields']}`

/** The compiler's error for a value that is not a stage */
export type NotAStage<X> = X extends Factory ? 'this is a factory, not a stage: call it'
  : X extends AttemptLayer ? 'this is an attempt layer, not a stage: write race({ attempt: [layer] })'
    : X extends readonly unknown[] ? 'this is an array, not a stage: spread it, as in pipeline(...stages)'
      : 'this is not a stage'

/** The compiler's error for a pipeline without a race */
type WithoutRace<X extends AnyStage> = `${X['name']} yields ${X['yields']}, and connections are needed: end it with race()`

/** The compiler's error for a stage that stands below a race */
type BelowRace<X extends AnyStage> = keyof X['accepts'] extends 'connections' ? `${X['name']} needs connections itself: put race() above it` : never

type WithoutSource<X extends AnyStage> = `${X['name']} needs ${Words<keyof X['accepts']>}: begin it with a source such as fromCaller()`

export type Words<F> = Or<Or<If<'target', F>, If<'candidates', F>>, If<'connections', F>>
type If<One, F> = One extends F ? One : ''
type Or<A, B> = A extends '' ? B : B extends '' ? A : `${A & string} or ${B & string}`

type StageAbove<S extends readonly unknown[], K> = K extends `${infer N extends number}` ? [undefined, ...S][N] : undefined

/** X if it fits the stage above it, else the error */
export type FitBelow<Above, X> = Above extends AnyStage
  ? X extends AnyStage
    ? Above['yields'] extends keyof X['accepts'] ? X : Misplaced<X, Above>
    : X
  : X

/** Stage K of S if it fits the stage above it, or is the leading name, else the error */
export type Fit<S extends readonly unknown[], K extends keyof S> = S[K] extends AnyStage ? FitBelow<StageAbove<S, K>, S[K]>
  : S[K] extends string ? K extends '0' ? S['length'] extends 1 ? 'this is a name: write the stages below it' : S[K] : NotAStage<S[K]> : NotAStage<S[K]>

/** X if it has a race, else the error. For a union, the errors of all members that have none */
export type Connecting<X> = [NotConnecting<X>] extends [never] ? X : NotConnecting<X>

/** X if it leads from a target to connections, else the error */
export type Whole<X> = [NotWhole<X>] extends [never] ? X : NotWhole<X>

/** X if it yields candidates, else the error */
export type Listing<X> = [NotListing<X>] extends [never] ? X : NotListing<X>

type NotListing<X> = X extends AnyStage ? [X['yields']] extends ['candidates'] ? never : `${X['name']} yields ${X['yields']}, and candidates are needed` : NotAStage<X>
type NotConnecting<X> = X extends AnyStage ? [X['yields']] extends ['connections'] ? BelowRace<X> : WithoutRace<X> : NotAStage<X>
type NotWhole<X> = X extends AnyStage ? X extends { readonly accepts: { readonly target: true } } ? NotConnecting<X> : WithoutSource<X> : NotAStage<X>

export type InOf<X> = X extends AnyStage ? keyof X['accepts'] & keyof Flow : never
