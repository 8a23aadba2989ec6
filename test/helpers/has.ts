import type { ExecutionContext } from 'ava'

/** Asserts the given properties with `t.deepEqual`. Unlike `t.like`, it notices extra elements of an array */
export function has<T extends object> (t: ExecutionContext, actual: T, expected: Partial<T>): void {
  t.deepEqual(Object.fromEntries(Object.keys(expected).map(key => [key, actual[key as keyof T]])), expected)
}
