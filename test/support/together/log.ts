/** The parts of the tests of this folder, in the order in which they ran */
export const log: string[] = []

/** Returns a test that logs its start, a later turn, and its teardown */
export function logged (name: string): (t: { teardown (fn: () => void): void, pass (): void }) => Promise<void> {
  return async t => {
    t.teardown(() => { log.push(`${name} torn down`) })
    log.push(`${name} started`)
    await new Promise(resolve => { setImmediate(resolve) })
    log.push(`${name} ended`)
    t.pass()
  }
}
