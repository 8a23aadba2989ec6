import type { DialPipelineOptions } from '../../pipeline/types.ts'

/** Wraps dial options so that `read` collects the names that a stage reads */
export function watchedOptions (options: DialPipelineOptions): { options: DialPipelineOptions, read: Set<string> } {
  const read = new Set<string>()
  const note = (name: string | symbol): void => {
    if (typeof name === 'string') {
      read.add(name)
    }
  }

  return {
    read,
    options: new Proxy(options, {
      get: (target, name) => {
        note(name)

        return Reflect.get(target, name)
      },
      has: (target, name) => {
        note(name)

        return Reflect.has(target, name)
      }
    })
  }
}
