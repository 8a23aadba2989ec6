// Keeps the addresses of some peers from expiring. Guide: docs/guides/pin-addresses.md
import type { AddressBook } from 'libp2p-dial-pipeline/address-book'
import type { PeerId } from '@libp2p/interface'

const DAY = 86_400_000

export interface PinnedPeers extends Disposable {
  /** Restarts the TTL of each pin, and returns how many pins are left. Call it at least once a day */
  renew: () => number
}

/**
 * Pins all addresses of some peers for a day. Disposing the result releases them
 *
 * @param name the part of your program that needs the peers: it has its own quota
 * @param onRevoked called with a peer whose pin was evicted for a newer one: the quota says `evict: 'oldest'`
 * @throws PinQuotaExceededError for more peers or addresses than the quota allows
 */
export function pinPeers (addressBook: AddressBook, name: string, peers: readonly PeerId[], onRevoked: (peer: PeerId) => void): PinnedPeers {
  const owner = addressBook.owner(name)
  const controller = new AbortController()

  try {
    const pins = peers.map(peer => owner.pin(peer, { ttl: DAY, signal: controller.signal }))
    pins.forEach(pin => { pin.signal.addEventListener('abort', () => { onRevoked(pin.peer) }) })

    return {
      renew: () => pins.filter(pin => pin.renew()).length,
      [Symbol.dispose]: () => { controller.abort() }
    }
  } catch (err) {
    // releases the pins that were made before one failed
    controller.abort()
    throw err
  }
}
