import { safeText } from './safe-text.ts'

/** Addresses of a list that a log shows */
const MOST = 16

/** Characters of an address that a log shows */
const MAX_LENGTH = 256

/** Returns addresses as a log shows them: those that others have made up may be long, many, and written for a terminal to obey */
export function listed (addresses: readonly string[]): string {
  const shown = addresses.slice(0, MOST).map(one => safeText(one, MAX_LENGTH))

  return addresses.length > MOST ? `${shown.join(', ')} and ${addresses.length - MOST} more` : shown.join(', ')
}
