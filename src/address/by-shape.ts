import type { Multiaddr } from '@multiformats/multiaddr'

const MAX_SHAPES = 256

/**
 * A function that looks only at the sequence of an address's protocols, whatever their values, and remembers what it said:
 * matching an address against every transport is slow, and there are few shapes
 */
export function byShape<T> (of: (multiaddr: Multiaddr) => T): (multiaddr: Multiaddr) => T {
  const shapes = new Map<string, T>()

  return multiaddr => {
    const key = multiaddr.getComponents().map(({ code }) => code).join('/')
    const known = shapes.get(key)

    if (known !== undefined) {
      return known
    }

    const shape = of(multiaddr)

    if (shapes.size < MAX_SHAPES) {
      shapes.set(key, shape)
    }

    return shape
  }
}
