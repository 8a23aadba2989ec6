import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkValue } from '../../pipeline/check-options.ts'
import { FUNCTION } from '../../pipeline/option-kinds.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import type { Source } from '../../pipeline/sources.ts'

const sources = new WeakMap<object, Source>()

/**
 * Says where a module has its addresses from, where it is not one that is known: a discovery of your own, or a service that
 * writes to the peer store, or that dials
 *
 * @returns a factory like the one that was given, to put in its place in the node's init
 * @throws InvalidParametersError for an empty or misspelt source, one of more than 256 characters, `certified` and `dialled`, and a factory that
 * is not a function
 */
export function withSource<Components, Module> (source: Source, factory: (components: Components) => Module): (components: Components) => Module {
  checkArguments('withSource()', arguments, 2, undefined, InvalidParametersError)
  checkValue('withSource()', source, CLAIMED_SOURCE, InvalidParametersError)
  checkValue('withSource()', factory, FUNCTION, InvalidParametersError)
  const named = (components: Components): Module => factory(components)
  sources.set(named, source)

  return named
}

export function sourceOf (factory: object): Source | undefined {
  return sources.get(factory)
}
