import type ava from 'ava'

export interface Declaration {
  /** The members of `test` on the way to the call: `[]` for `test()`, `['serial']` for `test.serial()` */
  path: readonly string[]
  args: unknown[]
}

let declarations: Declaration[] = []

/** Returns the declarations since the last call */
export function takeDeclarations (): Declaration[] {
  const taken = declarations
  declarations = []

  return taken
}

function recorder (path: readonly string[]): unknown {
  return new Proxy(() => {}, {
    get: (_target, key) => recorder([...path, String(key)]),
    apply: (_target, _this, args) => { declarations.push({ path, args }) }
  })
}

/** Replaces `test` of ava. It records the calls */
// oxlint-disable-next-line import/no-default-export -- test files import the default export of ava
export default recorder([]) as typeof ava
