/**
 * Returns options as own properties. libp2p and this package pass options on by spreading them, which loses what is inherited or not
 * enumerable: a policy, or a signal, in an object of a class.
 *
 * @param names those that must not be lost
 */
export function flatOptions<T extends object> (options: T, names: Iterable<string>): T {
  const hidden = [...names].filter(name => Reflect.get(options, name) !== undefined && !Object.prototype.propertyIsEnumerable.call(options, name))

  return hidden.length === 0 ? options : { ...options, ...Object.fromEntries(hidden.map(name => [name, Reflect.get(options, name)])) }
}

/** The names of all options, also of those that are inherited or not enumerable */
export function namesOf (options: object): string[] {
  const names = Object.getOwnPropertyNames(options)
  const inherited: object | null = Object.getPrototypeOf(options)

  return inherited === null || inherited === Object.prototype ? names : [...names, ...namesOf(inherited)]
}
