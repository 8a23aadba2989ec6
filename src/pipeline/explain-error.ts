const explained = new WeakMap<Error, string>()

/**
 * Adds to the message of an error, in brackets. The error itself is what the caller of a dial is given, as libp2p's own dialer does. Several
 * dials may fail with it: the first of them has its say
 */
export function explainError (error: Error, words: readonly string[]): void {
  if (words.length === 0 || explained.has(error)) {
    return
  }

  try {
    addWords(error, words.join('; '))
  } catch {
    // an error of others that cannot be read, or changed, is left as it is
  }
}

function addWords (error: Error, words: string): void {
  const { name, message, stack } = error
  const longer = `${message} (${words})`
  explained.set(error, message)
  replace(error, 'message', longer)

  // V8 has written the message there when the error was made, and consoles print that. The transport may have changed the message since
  const frames = /\n\s+at /.exec(stack ?? '')

  if (stack != null && frames != null) {
    replace(error, 'stack', `${name}: ${longer}${stack.slice(frames.index)}`)
  }
}

/** Returns the message that an error was made with */
export function ownMessageOf (error: Error): string {
  return explained.get(error) ?? error.message
}

/** Leaves alone what is frozen */
function replace (error: Error, name: 'message' | 'stack', value: string): void {
  Reflect.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false })
}

/** Returns an address up to the peer in it: what an error may name it by */
export function withoutPeer (id: string): string {
  return id.replace(/\/p2p\/[^/]+$/, '')
}
