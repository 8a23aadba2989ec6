import type { AnyStageInit } from './types.ts'

/** The compiler's message about a stage that does not fit the one above it */
export interface Misplaced<Stage extends string, Needs, Above extends string, Yields> {
  readonly '~misplaced': { stage: Stage, needs: Needs, above: Above, yields: Yields }
}

type StageAbove<S extends readonly AnyStageInit[], K> = K extends `${infer N extends number}` ? [undefined, ...S][N] : undefined

type FitBelow<Above, X> = Above extends AnyStageInit
  ? X extends AnyStageInit
    ? Above['yields'] extends keyof X['accepts'] ? unknown : Misplaced<X['name'], keyof X['accepts'], Above['name'], Above['yields']>
    : unknown
  : unknown

/** `unknown` where stage K of S fits the one above it, else what is wrong */
export type Fit<S extends readonly AnyStageInit[], K extends keyof S> = FitBelow<StageAbove<S, K>, S[K]>

export type NameOf<S extends AnyStageInit> = S['name']

/** S with every stage of name N replaced by those of X */
export type Swap<S extends readonly AnyStageInit[], N extends string, X extends readonly AnyStageInit[]> =
  S extends readonly [infer Head extends AnyStageInit, ...infer Tail extends readonly AnyStageInit[]]
    ? Head['name'] extends N ? [...X, ...Swap<Tail, N, X>] : [Head, ...Swap<Tail, N, X>]
    : []

/** S with X put in beside the stage of name N */
export type Insert<S extends readonly AnyStageInit[], N extends string, X extends AnyStageInit, Where extends 'before' | 'after'> =
  S extends readonly [infer Head extends AnyStageInit, ...infer Tail extends readonly AnyStageInit[]]
    ? Head['name'] extends N
      ? Where extends 'before' ? [X, Head, ...Tail] : [Head, X, ...Tail]
      : [Head, ...Insert<Tail, N, X, Where>]
    : []

type FirstFault<S extends readonly unknown[]> =
  S extends readonly [infer A extends AnyStageInit, infer B extends AnyStageInit, ...infer Rest]
    ? unknown extends FitBelow<A, B> ? FirstFault<[B, ...Rest]> : FitBelow<A, B>
    : unknown

/** `unknown` where every stage of S fits, else the first thing that is wrong */
export type IfOrdered<S extends readonly AnyStageInit[], X> = string extends NameOf<S[number]> ? X : FirstFault<S>
