import type { ExecutionContext } from 'ava'

/** As `t.like`, but the properties that are named are equal as a whole: `t.like` does not see what an array has more */
export function has<T extends object> (t: ExecutionContext, actual: T, expected: Partial<T>): void {
  t.deepEqual(Object.fromEntries(Object.keys(expected).map(key => [key, actual[key as keyof T]])), expected)
}
