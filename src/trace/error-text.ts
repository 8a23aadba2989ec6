import { describeValue } from '../pipeline/describe-value.ts'
import { codeOf, ownMessageOf, throwerOf } from '../pipeline/errors.ts'
import { safeText } from '../pipeline/safe-text.ts'
import type { TraceError } from './types.ts'

const MAX_NAME = 64
const MAX_MESSAGE = 512

/** Returns an error, or the summary of one, as a trace shows it: escaped and cut */
export function traceError (thrown: unknown): TraceError {
  const { name, message, stage } = errorSummary(thrown, thrown instanceof Error ? throwerOf(thrown) : undefined)

  return { name: safeText(name, MAX_NAME), message: safeText(message, MAX_MESSAGE), ...stage == null ? {} : { stage } }
}

/**
 * Returns the name and the message of an error, and nothing that the error refers to. Accepts any value, because a signal's reason may
 * be anything
 *
 * @param thrower the stage that threw the error
 */
export function errorSummary (thrown: unknown, thrower?: string): TraceError {
  try {
    const { name, stage = thrower } = thrown as TraceError
    const message = ownMessageOf(thrown as Error)

    if (typeof name === 'string' && typeof message === 'string') {
      return { name: shortened(name), message: shortened(message), ...typeof stage === 'string' ? { stage } : {} }
    }
  } catch {
    // a value that cannot be read is described below
  }

  return { name: 'Error', message: describeValue(thrown) }
}

/** Adds the code of the system to the summary of an attempt's error, if there is one */
export function withCode (summary: TraceError, thrown: unknown): TraceError {
  const code = codeOf(thrown)

  return code == null ? summary : { ...summary, code }
}

/** Cuts a text, but leaves one character too many, so that `traceError()` marks it as cut. Copies, because a slice would keep the whole text alive */
function shortened (text: string): string {
  return text.length > MAX_MESSAGE + 1 ? Array.from(text.slice(0, MAX_MESSAGE + 1)).join('') : text
}
