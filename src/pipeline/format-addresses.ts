import { safeText } from './safe-text.ts'

/** Caps the addresses of a list in a log */
const MOST = 16

/** Caps the characters of an address in a log */
const MAX_LENGTH = 256

/** Returns addresses as a log shows them, capped and escaped: addresses from other peers may be many, long, or contain terminal control codes */
export function formatAddresses (addresses: readonly string[]): string {
  const shown = addresses.slice(0, MOST).map(one => safeText(one, MAX_LENGTH))

  return addresses.length > MOST ? `${shown.join(', ')} and ${addresses.length - MOST} more` : shown.join(', ')
}
