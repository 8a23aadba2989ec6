import { describe, isAlike, isEqual } from './equality.ts'

interface Expectation {
  readonly name?: string
  readonly message?: string | RegExp | ((message: string) => boolean)
  readonly instanceOf?: new (...args: any[]) => unknown
  readonly code?: unknown
}

/** The assertions of ava that these tests use. A failed one ends the test */
export class Assertions {
  readonly title = ''
  #count = 0
  readonly #teardowns: Array<() => unknown> = []

  pass (): void { this.#count++ }
  fail (message?: string): never { throw new Error(message ?? 'fail()') }
  log (): void {}
  teardown (fn: () => unknown): void { this.#teardowns.unshift(fn) }
  true (value: unknown, message?: string): boolean { return this.#check(value === true, `${describe(value)} is not true`, message) }
  false (value: unknown, message?: string): boolean { return this.#check(value === false, `${describe(value)} is not false`, message) }
  truthy (value: unknown, message?: string): boolean { return this.#check(Boolean(value), `${describe(value)} is not truthy`, message) }
  is (value: unknown, expected: unknown, message?: string): boolean { return this.#check(Object.is(value, expected), `${describe(value)} is not ${describe(expected)}`, message) }
  not (value: unknown, other: unknown, message?: string): boolean { return this.#check(!Object.is(value, other), `is ${describe(value)}`, message) }
  deepEqual (value: unknown, expected: unknown, message?: string): boolean { return this.#check(isEqual(value, expected), `${describe(value)}\nis not\n${describe(expected)}`, message) }
  notDeepEqual (value: unknown, other: unknown, message?: string): boolean { return this.#check(!isEqual(value, other), `is ${describe(value)}`, message) }
  like (value: unknown, pattern: unknown, message?: string): boolean { return this.#check(isAlike(value, pattern), `${describe(value)}\nis not like\n${describe(pattern)}`, message) }
  regex (text: string, pattern: RegExp, message?: string): boolean { return this.#check(pattern.test(text), `${describe(text)} does not match ${pattern.source}`, message) }

  throws (fn: () => unknown, expected?: Expectation, message?: string): unknown {
    try {
      fn()
    } catch (err) {
      return this.#expect(err, expected, message)
    }

    return this.#check(false, 'did not throw', message)
  }

  notThrows (fn: () => unknown): void {
    fn()
    this.pass()
  }

  async throwsAsync (promise: Promise<unknown> | (() => Promise<unknown>), expected?: Expectation, message?: string): Promise<unknown> {
    try {
      await (typeof promise === 'function' ? promise() : promise)
    } catch (err) {
      return this.#expect(err, expected, message)
    }

    return this.#check(false, 'did not reject', message)
  }

  async notThrowsAsync (promise: Promise<unknown> | (() => Promise<unknown>)): Promise<void> {
    await (typeof promise === 'function' ? promise() : promise)
    this.pass()
  }

  /** @throws if the test made no assertion, as ava does */
  checkCount (): void {
    if (this.#count === 0) {
      throw new Error('The test asserts nothing')
    }
  }

  async tearDown (): Promise<void> {
    for (const fn of this.#teardowns) {
      await fn()
    }
  }

  #expect (err: any, { name, message: expected, instanceOf, code }: Expectation = {}, message?: string): unknown {
    const text = String(err?.message)
    this.#check(err instanceof Error, `${describe(err)} is not an Error`, message)
    this.#check(name == null || err.name === name, `an error ${err.name}, not ${name}: ${text}`, message)
    this.#check(instanceOf == null || err instanceof instanceOf, `an error ${err.name} of another class`, message)
    this.#check(code == null || err.code === code, `an error of code ${err.code}`, message)
    this.#check(expected == null || (typeof expected === 'string' ? text === expected : expected instanceof RegExp ? expected.test(text) : expected(text)), `the message ${describe(text)} is not ${String(expected)}`, message)

    return err
  }

  #check (isRight: boolean, why: string, message?: string): boolean {
    this.#count++

    if (!isRight) {
      throw new Error(message == null ? why : `${message}: ${why}`)
    }

    return true
  }
}
