/** Thrown when a pin would exceed the quota of its owner, or that of all pins together */
export class PinQuotaExceededError extends Error {
  static override readonly name = 'PinQuotaExceededError'

  constructor (message: string) {
    super(message)
    this.name = 'PinQuotaExceededError'
  }
}
