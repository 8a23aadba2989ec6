import { describeValue } from './describe-value.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * Returns a logger that never throws. libp2p's formatter reads errors of other code, and throws for a cyclic error or a throwing getter. The dial
 * would then fail with that error, but only while the log is enabled
 */
export function safeLog (logger: ComponentLogger, name: string): Logger {
  return guarded(logger.forComponent(name))
}

function guarded (log: Logger): Logger {
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
      writeFailure(write, args, err)
    }
  }
}

function writeFailure (write: Write, [formatter]: unknown[], err: unknown): void {
  try {
    write('could not log %s: %s', describeValue(formatter), describeValue(err))
  } catch {
    // a logger that always throws is ignored
  }
}
