import { describeValue } from './describe-value.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * Returns a log that never throws. The formatter of libp2p reads errors of others: one that contains itself, or that has a getter which throws,
 * would take the place of the result of a dial, and only while somebody reads the log
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
    // a logger that always throws
  }
}
