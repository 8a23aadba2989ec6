import type { Clock } from '../../pipeline/clock.ts'

const DAY = 24 * 60 * 60 * 1000

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a function while each reading of the platform's clock is one day later than the reading before. Returns the timers of the platform
 * that were set meanwhile. Runs are queued, because all share one platform.
 */
export async function onAnotherDay (run: () => Promise<void>): Promise<string[]> {
  const turn = last.then(async () => {
    const timers: string[] = []
    let days = 0
    const restore = [
      ...patchClocks(() => DAY * ++days),
      patch(AbortSignal, 'timeout', timeout => ms => {
        timers.push(`AbortSignal.timeout(${ms})`)

        return timeout(ms)
      }),
      ...['setTimeout', 'setInterval'].map(name => patch(globalThis, name, set => (fn, ms = 0, ...args) => {
        // a timer of 0 ms yields to other code, and measures no time
        if (ms > 0) {
          timers.push(`${name}(…, ${ms})`)
        }

        return set(fn, ms, ...args)
      }))
    ]

    try {
      await run()
    } finally {
      restore.toReversed().forEach(one => { one() })
    }

    return timers
  })

  last = turn.catch(() => {})

  return turn
}

/** Runs a synchronous function, and returns the clocks that it read: those of the platform, and that of the dial */
export function readingsIn (run: () => void, clock: Clock): string[] {
  const readings = new Set<string>()
  const read = (name: string): number => {
    readings.add(name)

    return 0
  }
  const restore = [...patchClocks(read), patch(clock, 'now', now => () => now() + read('dial.clock.now()'))]

  try {
    run()
  } finally {
    restore.toReversed().forEach(one => { one() })
  }

  return [...readings]
}

/** @param ahead called for each reading. Returns the milliseconds to add */
function patchClocks (ahead: (name: string) => number): Array<() => void> {
  return [
    patch(Date, 'now', now => () => now() + ahead('Date.now()')),
    patch(Reflect.get(globalThis, 'performance'), 'now', now => () => now() + ahead('performance.now()')),
    replace(globalThis, 'Date', new Proxy(Date, {
      construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [target.now()], newTarget)
    }))
  ]
}

function patch (owner: any, name: string, wrap: (original: (...args: any[]) => any) => (...args: any[]) => any): () => void {
  return replace(owner, name, wrap(owner[name].bind(owner)))
}

function replace (owner: any, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  Object.defineProperty(owner, name, { value, configurable: true, writable: true })

  return () => {
    if (own == null) {
      Reflect.deleteProperty(owner, name)
    } else {
      Object.defineProperty(owner, name, own)
    }
  }
}
