import { registerHooks } from 'node:module'

/** The export of each package that the sources import */
const EXPORTS: Record<string, string> = {
  'abortable-iterator': 'abortableSource',
  'any-signal': 'anySignal',
  'it-parallel': 'default',
  'p-queue': 'default',
  'p-retry': 'default'
}

const SCHEME = 'removable:'

/** The package that is currently removed */
const removed: { name?: string } = {}

Reflect.set(globalThis, 'guardRemovable', (name: string, own: (...args: any[]) => unknown) => {
  const check = (): void => {
    if (removed.name === name) {
      throw new Error(`${name} is removed`)
    }
  }

  return new Proxy(own, {
    apply: (...args) => {
      check()

      return Reflect.apply(...args)
    },
    construct: (target, args) => {
      check()

      return Reflect.construct(target, args)
    }
  })
})

// modules that are imported after this get the replacements instead of the packages
registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context)

    return specifier in EXPORTS && context.parentURL?.includes('/src/') === true ? { url: `${SCHEME}${specifier}?${resolved.url}`, shortCircuit: true } : resolved
  },
  load: (url, context, next) => {
    if (!url.startsWith(SCHEME)) {
      return next(url, context)
    }

    const [name = '', own = ''] = url.slice(SCHEME.length).split('?')
    const exported = EXPORTS[name] as string
    const guarded = `guardRemovable(${JSON.stringify(name)}, own[${JSON.stringify(exported)}])`

    return { format: 'module', shortCircuit: true, source: `import * as own from ${JSON.stringify(own)}\n${exported === 'default' ? `export default ${guarded}` : `export const ${exported} = ${guarded}`}` }
  }
})

/** Runs a function while a package is removed: its functions and classes throw */
export async function without<T> (name: string, run: () => Promise<T>): Promise<T> {
  removed.name = name

  try {
    return await run()
  } finally {
    removed.name = undefined
  }
}
