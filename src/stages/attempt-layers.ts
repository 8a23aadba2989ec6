import { FUNCTION, listOf } from '../pipeline/option-kinds.ts'
import { attemptRetry } from './attempt-retry.ts'
import { attemptTimeout } from './attempt-timeout.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

/** A list of layers, with the error in place of each element that is not one */
export type AttemptLayers<L extends readonly unknown[]> = { readonly [K in keyof L]: FitLayer<L[K]> }

type FitLayer<X> = X extends AttemptLayer ? X : X extends (...args: any) => AttemptLayer ? 'this is a factory, not a layer: call it' : AttemptLayer

/** The factories: a factory is a function too, and the type check of a layer cannot tell it apart */
const FACTORIES = new Set<unknown>([attemptRetry, attemptTimeout])

const LAYER: OptionKind = {
  ...FUNCTION,
  test: value => FUNCTION.test(value) && !FACTORIES.has(value),
  advise: value => typeof value === 'function' ? `${value.name}()` : undefined
}

const LIST = listOf('functions that wrap an attempt', LAYER)

/** The kind of the layers around the attempts of a race. A factory that was not called would fail every attempt */
export const ATTEMPT_LAYERS: OptionKind = {
  ...LIST,
  advise: value => FUNCTION.test(value) && LAYER.test(value) ? '[attemptTimeout()]' : LIST.advise?.(value) ?? LAYER.advise?.(value)
}
