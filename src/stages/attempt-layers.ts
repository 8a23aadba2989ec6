import { FUNCTION, listOf } from '../pipeline/option-kinds.ts'
import { attemptRetry } from './attempt-retry.ts'
import { attemptTimeout } from './attempt-timeout.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AttemptLayer } from '../pipeline/types.ts'

/** Layers, or what is wrong with each */
export type AttemptLayers<L extends readonly unknown[]> = { readonly [K in keyof L]: FitLayer<L[K]> }

type FitLayer<X> = X extends AttemptLayer ? X : X extends (...args: any) => AttemptLayer ? 'this is a factory, not a layer: call it' : AttemptLayer

/** Factories make layers, and are functions as layers are */
const FACTORIES = new Set<unknown>([attemptRetry, attemptTimeout])

const LAYER: OptionKind = {
  ...FUNCTION,
  test: value => FUNCTION.test(value) && !FACTORIES.has(value),
  advise: value => typeof value === 'function' ? `${value.name}()` : undefined
}

const LIST = listOf('functions that wrap an attempt', LAYER)

/** What wraps the attempts of a race. A factory that was not called would wrap nothing, and fail each attempt */
export const ATTEMPT_LAYERS: OptionKind = {
  ...LIST,
  advise: value => FUNCTION.test(value) && LAYER.test(value) ? '[attemptTimeout()]' : LIST.advise?.(value) ?? LAYER.advise?.(value)
}
