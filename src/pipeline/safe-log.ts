import { Bounded } from './bounded.ts'
import { describeValue } from './describe-value.ts'
import { callGuarded } from './foreign-promises.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/** The loggers of stages, by name: creating one takes longer than all log calls of a small dial */
const scopes = new WeakMap<Logger, Bounded<Logger>>()

/** The maximum number of loggers below one logger: the pipelines of single dials may have new names each time */
const MAX_SCOPES = 256

/** Returns the logger of a name below another logger. The same one each time */
export function scopedLogger (log: Logger, name: string): Logger {
  let all = scopes.get(log)

  if (all == null) {
    all = new Bounded<Logger>(MAX_SCOPES)
    scopes.set(log, all)
  }

  return all.renew(name, () => log.newScope(name))
}

/** Returns the logger of a component that never throws */
export function safeLog (logger: ComponentLogger, name: string): Logger {
  return guarded(logger.forComponent(name))
}

/**
 * Returns a logger that never throws. libp2p's formatter reads errors of other code, and throws for a cyclic error or a throwing getter. The dial
 * would then fail with that error, but only while the log is enabled
 */
export function guarded (log: Logger): Logger {
  const safe = Object.assign(quiet((...args) => { log(...args) }), {
    error: quiet((...args) => { log.error(...args) }),
    trace: quiet((...args) => { log.trace(...args) }),
    newScope: (name: string) => guarded(log.newScope(name))
  })

  return Object.defineProperty(safe, 'enabled', { get: () => log.enabled }) as typeof safe & { enabled: boolean }
}

type Write = (formatter: unknown, ...args: unknown[]) => void

function quiet (write: Write): Write {
  return (...args) => {
    try {
      write(...args)
    } catch (err) {
      // a logger that always throws is ignored
      callGuarded(() => { write('could not log %s: %s', describeValue(args[0]), describeValue(err)) }, () => {})
    }
  }
}
