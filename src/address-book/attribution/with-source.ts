import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkValue } from '../../pipeline/check-options.ts'
import { FUNCTION } from '../../pipeline/option-kinds.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import type { Source } from '../../pipeline/sources.ts'

const sources = new WeakMap<object, Source>()

/**
 * Names the source of a module that this package does not know: a discovery of your own, or a service that writes to the peer store or dials
 *
 * @param source the source of the module's addresses
 * @param factory the factory of the module
 * @returns a factory that replaces the given one in the node's init
 * @throws InvalidParametersError for a source that is empty, misspelt, above 256 characters, `certified` or `dialled`, and for a factory that is not
 * a function
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
