/**
 * Replaces a member of an object that belongs to other code
 *
 * @returns a function that restores the member, unless other code has replaced it since
 */
export function patch<T extends object, K extends keyof T> (target: T, name: K, value: T[K]): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { configurable: true, enumerable: own?.enumerable ?? false, writable: true, value })

  return () => {
    if (target[name] !== value) {
      return
    }

    if (own == null) {
      // without its own property, the object inherits the member from its prototype again
      Reflect.deleteProperty(target, name)
    } else {
      Object.defineProperty(target, name, own)
    }
  }
}
