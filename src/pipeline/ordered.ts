import type { AnyStageInit } from './types.ts'

/** What the compiler says of a stage that does not fit the one above it, in the words of the check at run time */
export type Misplaced<X extends AnyStageInit, Above extends AnyStageInit> =
  `${X['name']} needs ${Words<keyof X['accepts']>}, but stands below ${Above['name']}, which yields ${Above['yields']}`

type Words<F> = Or<Or<If<'target', F>, If<'candidates', F>>, If<'connections', F>>
type If<One, F> = One extends F ? One : ''
type Or<A, B> = A extends '' ? B : B extends '' ? A : `${A & string} or ${B & string}`

type StageAbove<S extends readonly AnyStageInit[], K> = K extends `${infer N extends number}` ? [undefined, ...S][N] : undefined

type FitBelow<Above, X> = Above extends AnyStageInit
  ? X extends AnyStageInit
    ? Above['yields'] extends keyof X['accepts'] ? X : Misplaced<X, Above>
    : X
  : X

/** Stage K of S where it fits the one above it, else what is wrong */
export type Fit<S extends readonly AnyStageInit[], K extends keyof S> = FitBelow<StageAbove<S, K>, S[K]>

export type NameOf<S extends AnyStageInit> = S['name']

/** S with every stage of name N replaced by those of X */
export type Swap<S extends readonly AnyStageInit[], N extends string, X extends readonly AnyStageInit[]> =
  S extends readonly [infer Head extends AnyStageInit, ...infer Tail extends readonly AnyStageInit[]]
    ? Head['name'] extends N ? [...X, ...Swap<Tail, N, X>] : [Head, ...Swap<Tail, N, X>]
    : number extends S['length'] ? S : []

/** S with X put in beside the stage of name N */
export type Insert<S extends readonly AnyStageInit[], N extends string, X extends AnyStageInit, Where extends 'before' | 'after'> =
  S extends readonly [infer Head extends AnyStageInit, ...infer Tail extends readonly AnyStageInit[]]
    ? Head['name'] extends N
      ? Where extends 'before' ? [X, Head, ...Tail] : [Head, X, ...Tail]
      : [Head, ...Insert<Tail, N, X, Where>]
    : number extends S['length'] ? S : []

type FirstFault<S extends readonly AnyStageInit[], X> =
  S extends readonly [infer A extends AnyStageInit, infer B extends AnyStageInit, ...infer Rest extends readonly AnyStageInit[]]
    ? FitBelow<A, B> extends B ? FirstFault<[B, ...Rest], X> : FitBelow<A, B>
    : X

/** X where every stage of S fits, else the first thing that is wrong */
export type IfOrdered<S extends readonly AnyStageInit[], X> = string extends NameOf<S[number]> ? X : FirstFault<S, X>
