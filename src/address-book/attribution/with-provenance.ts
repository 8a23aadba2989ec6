import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkValue } from '../../pipeline/check-options.ts'
import { FUNCTION, isRecord } from '../../pipeline/option-kinds.ts'
import { AddressBook } from '../address-book.ts'
import { Attribution } from './attribution.ts'
import { attributedModule } from './modules.ts'
import type { AddressBookComponents } from '../types.ts'
import type { NodeComponents } from './attribution.ts'
import type { ServiceMap, Startable } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

const NODE_INIT = { expected: 'the init of a node, as createLibp2p() takes it', test: isRecord }

type Factory = (components: any) => any

/** The given services, an address book if there was none, and the report of the attribution */
export type WithProvenance<T extends ServiceMap> =
  (T extends { addressBook: unknown } ? T : T & { addressBook: AddressBook }) & { provenance: Provenance }

/**
 * Wraps the modules in an init for `createLibp2p()`, so that the address book knows the source of each address. The node works as before, with one
 * exception: `identify` and signed records do not remove addresses of the user.
 *
 * ```ts
 * const node = await createLibp2p(withProvenance({ services: { identify: identify() } }))
 * ```
 *
 * @returns an init with the same services, `addressBook` if there was none, and `provenance`
 * @throws InvalidParametersError if a service `provenance` exists, if `init` is not an object, and for a service that is not a function
 */
export function withProvenance<T extends ServiceMap = ServiceMap> (init: Libp2pOptions<T>): Libp2pOptions<WithProvenance<T>> {
  checkArguments('withProvenance()', arguments, 1, undefined, InvalidParametersError)
  checkValue('withProvenance()', init, NODE_INIT, InvalidParametersError)

  if ('provenance' in (init.services ?? {})) {
    throw new InvalidParametersError('there is a service "provenance" already: withProvenance() is for once')
  }

  Object.entries(init.services ?? {}).forEach(([name, factory]) => { checkValue('withProvenance()', factory, FUNCTION, InvalidParametersError, `services.${name}`) })
  const of = (components: NodeComponents): Attribution => Attribution.of(components, init.peerStore?.addressFilter)

  return {
    ...init,
    ...mapped(init, ['connectionProtector', 'connectionEncrypters', 'streamMuxers'], factory => early(factory, of)),
    ...mapped(init, ['transports', 'peerDiscovery', 'peerRouters', 'contentRouters'], (factory, place, i) => {
      return attributedModule(factory, place, `number ${i + 1} of ${place}`, of)
    }),
    services: {
      ...servicesOf(init.services ?? {}, of),
      provenance: (components: NodeComponents) => new Provenance(components, of(components))
    }
  } as unknown as Libp2pOptions<WithProvenance<T>>
}

/** Wraps a factory that runs before any module can keep the peer store: the first one replaces it in time */
function early (factory: Factory, of: (components: NodeComponents) => Attribution): Factory {
  return (components: NodeComponents) => {
    of(components)

    return factory(components)
  }
}

/** Wraps the services. The address book comes first: a dialer looks it up when it is created */
function servicesOf (services: Record<string, any>, of: (components: NodeComponents) => Attribution): Record<string, Factory> {
  const { addressBook = (components: AddressBookComponents) => new AddressBook(components), ...others } = services

  return {
    addressBook: (components: NodeComponents) => {
      const { attributionLog, sourceTags } = of(components)
      const book = addressBook(components)
      attributionLog.observer = book

      // optional: `addressBook` may be the name of any service
      book?.attribute?.(sourceTags)

      return book
    },
    ...Object.fromEntries(Object.entries(others).map(([name, factory]) => [name, attributedModule(factory, 'services', `the service "${name}"`, of)]))
  }
}

/** Returns the given parts of an init that exist, with each factory wrapped */
function mapped<Key extends string> (init: Record<string, any>, keys: Key[], wrap: (factory: Factory, key: Key, i: number) => Factory): Record<string, Factory | Factory[]> {
  return Object.fromEntries(keys.filter(key => init[key] != null).map(key => {
    const given: Factory | Factory[] = init[key]
    const wrapped = [given].flat().map((factory, i) => wrap(factory, key, i))
    const [only] = wrapped as [Factory]

    return [key, Array.isArray(given) ? wrapped : only]
  }))
}

/** Reports which parts of a node cannot be attributed. Checks the node at its start */
export class Provenance implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-provenance'

  readonly #components: NodeComponents
  readonly #attribution: Attribution
  /** The parts whose addresses cannot be attributed, in words */
  problems: readonly string[] = []

  constructor (components: NodeComponents, attribution: Attribution) {
    this.#components = components
    this.#attribution = attribution
  }

  /** Called by libp2p. Addresses are attributed before the start as well */
  start (): void {
    this.problems = problemsOf(this.#components, this.#attribution)

    if (this.problems.length > 0) {
      this.#attribution.log.error('not every address can be attributed: %s', this.problems.join('; '))
    }
  }

  stop (): void {}
}

/** Returns which writes of a node cannot be attributed, in words */
function problemsOf (components: NodeComponents, { core, public: original, attributionLog, problems }: Attribution): string[] {
  const found = [...problems]

  if (components.peerStore !== core) {
    found.push('something has replaced the peer store')
  }

  if (attributionLog.observer == null) {
    found.push('there is no address book')
  }

  // libp2p keeps its components in a record of this name
  const { components: all = {} } = components as { components?: Record<string, unknown> }

  for (const [name, component] of Object.entries(all)) {
    if (name !== 'peerStore' && typeof component === 'object' && component != null && Object.values(component).includes(original)) {
      found.push(`${name} was made before the peer store could be wrapped: what it writes counts as the user's`)
    }
  }

  return found
}
