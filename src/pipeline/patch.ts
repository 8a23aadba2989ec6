/**
 * Replaces a member of an object that is not ours
 *
 * @returns what puts the old one back, unless somebody else has replaced it since
 */
export function patch<T extends object, K extends keyof T> (target: T, name: K, value: T[K]): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { configurable: true, enumerable: own?.enumerable ?? false, writable: true, value })

  return () => {
    if (target[name] !== value) {
      return
    }

    if (own == null) {
      // what stands on its prototype counts again
      Reflect.deleteProperty(target, name)
    } else {
      Object.defineProperty(target, name, own)
    }
  }
}
