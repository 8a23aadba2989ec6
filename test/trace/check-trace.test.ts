import test from 'ava'
import { checkTrace } from '../../src/trace/check-trace.ts'
import { EVERYTHING } from './sample.ts'
import { faultsOf } from './schema.ts'

/** Returns the path of each member of a value, and of each array element */
function pathsIn (value: unknown, path: string[] = []): string[][] {
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => [path.concat(key)].concat(pathsIn(one, path.concat(key)))) : []
}

/** Returns a copy with another value at a path. Undefined removes the member */
function changed (path: readonly string[], to: unknown): unknown {
  const copy = structuredClone(EVERYTHING) as any
  const parent = path.slice(0, -1).reduce((at, key) => at[key], copy)

  if (to === undefined && !Array.isArray(parent)) {
    delete parent[path.at(-1) ?? '']
  } else {
    parent[path.at(-1) ?? ''] = to
  }

  return copy
}

function isRefused (trace: unknown): boolean {
  try {
    checkTrace('test', trace)
    return false
  } catch {
    return true
  }
}

test('checkTrace() and the schema reject the same missing and mistyped members', t => {
  const paths = pathsIn(EVERYTHING)
  const different = paths.flatMap(path => [undefined, null, false, {}, [], 'x', -1.5].flatMap(to => {
    const trace = changed(path, to)
    const [refused, faults] = [isRefused(trace), faultsOf(trace)]

    return refused === faults.length > 0 ? [] : [`${path.join('.')} = ${JSON.stringify(to)}: ${refused ? 'refused' : 'taken'}, and the schema says: ${faults.join(', ')}`]
  }))

  t.true(paths.length > 100)
  t.false(isRefused(EVERYTHING))
  t.deepEqual(faultsOf(EVERYTHING), [])
  t.deepEqual(different, [])
})
