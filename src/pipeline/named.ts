import type { DialComponents, Flow, Stage, StageInit } from './types.ts'

/** Gives a function that makes a stage what has to be known before there are components. It is frozen by whoever marks it */
export function named<const N extends string, In extends keyof Flow, Out extends keyof Flow> (name: N, accepts: readonly In[], yields: Out, init: (components: DialComponents) => Stage<In, Out>, options: readonly string[] = []): StageInit<In, Out, N> {
  const make = (components: DialComponents): Stage<In, Out> => init(components)

  return Object.defineProperties(make, {
    name: { value: name },
    accepts: { value: Object.freeze(Object.fromEntries(accepts.map(flow => [flow, true]))) },
    yields: { value: yields },
    options: { value: Object.freeze([...options]) }
  }) as unknown as StageInit<In, Out, N>
}
