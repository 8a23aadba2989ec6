const explained = new WeakMap<Error, string>()

/**
 * Appends words in brackets to the message of an error. The caller of a dial gets the error object itself, as from libp2p's own dialer. If
 * several dials fail with the same error, only the first one appends
 */
export function explainError (error: Error, words: readonly string[]): void {
  if (words.length === 0 || explained.has(error)) {
    return
  }

  try {
    addWords(error, words.join('; '))
  } catch {
    // an error that cannot be read or changed stays as it is
  }
}

function addWords (error: Error, words: string): void {
  const { name, message, stack } = error
  const longer = `${message} (${words})`
  explained.set(error, message)
  replace(error, 'message', longer)

  // V8 copied the message into the stack when the error was made, and consoles print the stack. The message may have changed since
  const frames = /\n\s+at /.exec(stack ?? '')

  if (stack != null && frames != null) {
    replace(error, 'stack', `${name}: ${longer}${stack.slice(frames.index)}`)
  }
}

/** Returns the message of an error without the appended words */
export function ownMessageOf (error: Error): string {
  return explained.get(error) ?? error.message
}

/** Replaces a property of an error. A frozen error stays as it is */
function replace (error: Error, name: 'message' | 'stack', value: string): void {
  Reflect.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false })
}
