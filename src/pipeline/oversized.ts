import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The bytes of a multiaddr that is kept, at most. A DNS name has 253 */
export const MAX_ADDRESS_BYTES = 1_024

/** An address of so many characters has fewer bytes than that: 3 a character at most */
const SHORT = 256

/** Whether an address is longer than any that is kept, or its bytes cannot be told */
export function isOversized (address: Multiaddr | string): boolean {
  try {
    return address.toString().length > SHORT && (typeof address === 'string' ? multiaddr(address) : address).bytes.byteLength > MAX_ADDRESS_BYTES
  } catch {
    return true
  }
}
