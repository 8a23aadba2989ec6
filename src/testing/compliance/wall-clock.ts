const DAY = 24 * 60 * 60 * 1000

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs something while the wall clock goes wrong by a day, and says which of the platform's timers were set meanwhile.
 * There is one platform, so one at a time.
 */
export async function onAnotherDay (run: () => Promise<void>): Promise<string[]> {
  const turn = last.then(async () => {
    const timers: string[] = []
    const restore = [
      patch(Date, 'now', now => () => now() + DAY),
      patch(Reflect.get(globalThis, 'performance'), 'now', now => () => now() + DAY),
      patch(AbortSignal, 'timeout', timeout => ms => {
        timers.push(`AbortSignal.timeout(${ms})`)

        return timeout(ms)
      }),
      ...['setTimeout', 'setInterval'].map(name => patch(globalThis, name, set => (fn, ms = 0, ...args) => {
        // without a time it is another way to let others run first
        if (ms > 0) {
          timers.push(`${name}(…, ${ms})`)
        }

        return set(fn, ms, ...args)
      }))
    ]

    try {
      await run()
    } finally {
      restore.forEach(one => { one() })
    }

    return timers
  })

  last = turn.catch(() => {})

  return turn
}

function patch (owner: any, name: string, wrap: (original: (...args: any[]) => any) => (...args: any[]) => any): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  const original = owner[name]
  Object.defineProperty(owner, name, { value: wrap(original.bind(owner)), configurable: true, writable: true })

  return () => {
    if (own == null) {
      Reflect.deleteProperty(owner, name)
    } else {
      Object.defineProperty(owner, name, own)
    }
  }
}
