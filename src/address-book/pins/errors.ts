/** An owner holds as much as it may, or pins hold as much of the book as all owners may */
export class PinQuotaExceededError extends Error {
  static override readonly name = 'PinQuotaExceededError'

  constructor (message: string) {
    super(message)
    this.name = 'PinQuotaExceededError'
  }
}
