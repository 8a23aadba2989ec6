/** Returns an object that can be awaited but is not a Promise, with a descriptor of its `then` */
export function thenable (descriptor: PropertyDescriptor): PromiseLike<never> {
  // eslint-disable-next-line unicorn/no-thenable -- what libraries of promises give
  return Object.defineProperty({}, 'then', { enumerable: true, ...descriptor }) as PromiseLike<never>
}

/** Returns a thenable that rejects */
export function rejectingThenable (): PromiseLike<never> {
  return thenable({ value: (_: unknown, reject: (err: Error) => void) => { reject(new Error('the database is down')) } })
}

/** Returns a thenable whose `then` throws when it is read */
export function unreadableThenable (): PromiseLike<never> {
  return thenable({ get: () => { throw new Error('then cannot be read') } })
}

/** A function that rejects, to replace any async method */
export const rejecting: () => any = async () => { throw new Error('the database is down') }
