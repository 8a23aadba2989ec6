/**
 * Returns options as own properties. libp2p and this package pass options on by spreading them, which loses what is inherited or not
 * enumerable: a policy, or a signal, in an object of a class.
 *
 * @param names those that must not be lost
 */
export function flatOptions<T extends object> (options: T, ...names: ReadonlyArray<Iterable<string>>): T {
  let flat: T | undefined

  for (const some of names) {
    for (const name of some) {
      const value: unknown = Reflect.get(options, name)

      if (value !== undefined && !Object.prototype.propertyIsEnumerable.call(options, name)) {
        flat ??= { ...options }
        Object.defineProperty(flat, name, { value, configurable: true, enumerable: true, writable: true })
      }
    }
  }

  return flat ?? options
}

/** The names of all options, also of those that are inherited or not enumerable */
export function namesOf (options: object): string[] {
  const names = Object.getOwnPropertyNames(options)
  const inherited: object | null = Object.getPrototypeOf(options)

  return inherited === null || inherited === Object.prototype ? names : [...names, ...namesOf(inherited)]
}
