import type { AnyStage, Flow } from './types.ts'

/** A function that creates a stage */
export type Factory = (...args: any) => AnyStage

/** The compiler's error for a stage that does not fit the one above it, in the words of the run-time check */
export type Misplaced<X extends AnyStage, Above extends AnyStage> =
  `${X['name']} needs ${Words<keyof X['accepts']>}, but stands below ${Above['name']}, which yields ${Above['yields']}`

/** The compiler's error for a value that is not a stage */
export type NotAStage<X> = X extends Factory ? 'this is a factory, not a stage: call it'
  : X extends readonly unknown[] ? 'this is an array, not a stage: spread it, as in pipeline(...stages)'
    : 'this is not a stage'

/** The compiler's error for a pipeline without a race */
type WithoutRace<X extends AnyStage> = `${X['name']} yields ${X['yields']}, and connections are needed: end it with race()`

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

/** X if it yields connections, else the error. For a union, the errors of all members that do not */
export type Connecting<X> = [NotConnecting<X>] extends [never] ? X : NotConnecting<X>

/** X if it leads from a target to connections, else the error */
export type Whole<X> = [NotWhole<X>] extends [never] ? X : NotWhole<X>

/** X if it yields candidates, else the error */
export type Listing<X> = [NotListing<X>] extends [never] ? X : NotListing<X>

type NotListing<X> = X extends AnyStage ? [X['yields']] extends ['candidates'] ? never : `${X['name']} yields ${X['yields']}, and candidates are needed` : NotAStage<X>
type NotConnecting<X> = X extends AnyStage ? [X['yields']] extends ['connections'] ? never : WithoutRace<X> : NotAStage<X>
type NotWhole<X> = X extends AnyStage ? X extends { readonly accepts: { readonly target: true } } ? NotConnecting<X> : WithoutSource<X> : NotAStage<X>

export type InOf<X> = X extends AnyStage ? keyof X['accepts'] & keyof Flow : never
