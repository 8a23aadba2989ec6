// The types of edits. The type of a pipeline knows each stage's name, input and output, and which one is topmost, but not the order of the others.
// A variable keeps the topmost stage of its declaration. The order of the others is checked at run time, so that a variable can hold a pipeline before and after an edit
import type { Factory, FitBelow, InOf, NotAStage, Words } from './stage-order.ts'
import type { AnyStage, AttemptLayer, Flow, Stage } from './types.ts'

type Placed = AnyStage | Factory | AttemptLayer

/** The names that an edit accepts: those of the stages, and `name/stage` for stages of a nested pipeline */
export type NamesOf<S extends AnyStage> = S['name'] | PathsOf<S>
type PathsOf<S> = S extends Pipeline<any, any, infer T, infer P> ? `${P}/${NamesOf<T>}` : never

/** The stage of S named N */
type At<S extends AnyStage, N extends string> = Extract<S, { readonly name: N }>

/** The stages of S with other names */
type Others<S extends AnyStage, N extends string> = string extends N ? S : Exclude<S, { readonly name: N }>

/** The stages of a nested pipeline */
type Nested<P> = P extends Pipeline<any, any, infer S, any> ? S : never

/** The stages that an edit changes, and the name in them. For `name/stage`: the stages of the nested pipeline */
type Place<S extends AnyStage, N extends string> = N extends S['name'] ? [S, N] : N extends `${infer P}/${infer Rest}` ? Place<Nested<At<S, P>>, Rest> : [S, N]

/** S with the stages T in the nested pipeline P */
type Within<S extends AnyStage, P extends string, T extends AnyStage> = Others<S, P> | (At<S, P> extends Pipeline<infer In, infer Out, any, infer N> ? Pipeline<In, Out, T, N> : never)

/** S with X beside the stage N */
export type With<S extends AnyStage, N extends string, X> = N extends S['name'] ? S | Extract<X, AnyStage>
  : N extends `${infer P}/${infer Rest}` ? Within<S, P, With<Nested<At<S, P>>, Rest, X>> : S | Extract<X, AnyStage>

/** S with X in place of the stage N. With X = never, S without N */
export type Instead<S extends AnyStage, N extends string, X> = N extends S['name'] ? Others<S, N> | Extract<X, AnyStage>
  : N extends `${infer P}/${infer Rest}` ? Within<S, P, Instead<Nested<At<S, P>>, Rest, X>> : S | Extract<X, AnyStage>

/** N if a stage has that name, else the names that exist */
export type NameIn<S extends AnyStage, N extends string> = string extends N | NamesOf<S> ? N : N extends NamesOf<S> ? N : S['name'] | PathsOf<S>

/**
 * The parameter of an edit with the stage X at the place N: Y for a known name and a known stage, a message for a value that is no stage. X itself
 * where the name or the stage is known at run time only
 */
type Checked<S extends AnyStage, N extends string, X, Y> = string extends N | NamesOf<S> ? X : AnyStage extends X ? X : X extends AnyStage ? Y : NotAStage<X>

export type FitAfter<S extends AnyStage, N extends string, X> = Place<S, N> extends [infer T extends AnyStage, infer M extends string]
  ? Checked<T, M, X, IfOnlyConnector<T, X, FitBelow<At<T, M>, X>>>
  : never

export type FitBefore<S extends AnyStage, N extends string, X> = Place<S, N> extends [infer T extends AnyStage, infer M extends string]
  ? Checked<T, M, X, IfOnlyConnector<T, X, FitBelow<X, At<T, M>> extends infer F extends string ? F : X>>
  : never

type IfOnlyConnector<S extends AnyStage, X, Y> = [Connectors<Extract<X, AnyStage>>] extends [never] ? Y : [Connectors<S>] extends [never] ? Y
  : `${Extract<X, AnyStage>['name']} makes connections of candidates, as ${Connectors<S>['name']} does: write .replace('${Connectors<S>['name']}', …)`

export type FitInstead<S extends AnyStage, N extends string, X> = Place<S, N> extends [infer T extends AnyStage, infer M extends string] ? Checked<T, M, X, InsteadOf<At<T, M>, X>> : never

type InsteadOf<Old extends AnyStage, X> = X extends AnyStage
  ? X['yields'] extends Old['yields']
    ? InOf<X> & InOf<Old> extends never ? `${X['name']} needs ${Words<InOf<X>>}, but stands in the place of ${Old['name']}, which needs ${Words<InOf<Old>>}` : X
    : `${X['name']} yields ${X['yields']}, but stands in the place of ${Old['name']}, which yields ${Old['yields']}`
  : X

/** N if the other stages can still be ordered, else the error */
export type NameWithout<S extends AnyStage, N extends string> = string extends N | NamesOf<S> ? N
  : Connectors<S> extends At<S, N> ? IfNotNeeded<At<S, N>, Below<S>, NameIn<S, N>> : NameIn<S, N>

type IfNotNeeded<Old extends AnyStage, Below extends AnyStage, N> = [Below] extends [never] ? N : [Old] extends [never] ? N : `${Below['name']} needs connections, and nothing but ${Old['name']} yields them`

/** The stages that turn candidates into connections */
type Connectors<S extends AnyStage> = S extends { readonly yields: 'connections' } ? Exclude<S, Below<S>> : never

/** The stages that need connections */
type Below<S extends AnyStage> = Extract<S, { readonly accepts: { readonly connections: true } }>

/** The output of a pipeline with X added: a stage that turns candidates into connections fits only at the end */
export type OutWith<Out extends keyof Flow, X> = X extends AnyStage ? keyof Flow extends X['yields'] ? Out : X['yields'] extends InOf<X> ? Out : X['yields'] : Out

/** The output of a pipeline without the stage N */
export type OutWithout<S extends AnyStage, N extends string, Out extends keyof Flow> = string extends N | NamesOf<S> ? Out : [At<S, N>] extends [Connectors<S>] ? [Connectors<Others<S, N>>] extends [never] ? 'candidates' : Out : Out

/** The inputs of a pipeline with X above the stage N, or in its place: those of X if N is the topmost stage. `string`: that one is unknown */
type InAbove<In extends keyof Flow, Top extends string, N extends string, X> = string extends Top ? In | InOf<X> : N extends Top ? InOf<X> : In

/** The name of the topmost stage of that pipeline. `never`: unknown */
type TopAbove<Top extends string, N extends string, X> = string extends N ? never : N extends Top ? Extract<X, AnyStage>['name'] : Top

/** The inputs of a pipeline without the stage N: those that one of the others accepts */
type InWithout<In extends keyof Flow, S extends AnyStage, N extends string> = Extract<In, InOf<Instead<S, N, never>>>

/**
 * An ordered, immutable sequence of stages. A pipeline is a stage itself, so pipelines nest. Its type knows the stages by name, and the compiler
 * refuses an edit that no order allows. The order itself is checked when the edit is made.
 *
 * An edit reaches a stage of a nested pipeline as `name/stage`. A stage that is named after the dial option that it reads, such as
 * `provenance()`, occurs in a pipeline once: adding another one replaces it.
 *
 * Each edit throws InvalidPipelineError for an unknown or ambiguous name, and for a stage that does not fit.
 */
export interface Pipeline<In extends keyof Flow = 'target' | 'candidates' | 'connections', Out extends keyof Flow = any, S extends AnyStage = AnyStage, Name extends string = string, Top extends string = string> extends Stage<In, Out, Name> {
  readonly stages: readonly AnyStage[]

  /** Returns a copy of the pipeline with `stage` in place of the stage `name` */
  replace<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitInstead<S, N, X>): Pipeline<InAbove<In, Top, N, X>, Out, Instead<S, N, X>, Name, TopAbove<Top, N, X>>
  /** Returns a copy of the pipeline with `stage` added above the stage `name` */
  before<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitBefore<S, N, X>): Pipeline<InAbove<In, Top, N, X>, OutWith<Out, X>, With<S, N, X>, Name, TopAbove<Top, N, X>>
  /** Returns a copy of the pipeline with `stage` added below the stage `name` */
  after<N extends string, X extends Placed> (name: NameIn<S, N>, stage: FitAfter<S, N, X>): Pipeline<In, OutWith<Out, X>, With<S, N, X>, Name, Top>
  /** Returns a copy of the pipeline without the stage `name` */
  without<N extends string> (name: NameWithout<S, N>): Pipeline<InWithout<In, S, N>, OutWithout<S, N, Out>, Instead<S, N, never>, Name, Exclude<Top, N>>
}
