/** Returns the system's error code of an error, of its cause, or of the event that a WebSocket rejects with */
export function codeOf (thrown: unknown, depth: number = 3): string | undefined {
  if (depth === 0) {
    return
  }

  try {
    const { code, cause, error, errors } = (thrown ?? {}) as { code?: unknown, cause?: unknown, error?: unknown, errors?: unknown }

    if (typeof code === 'string' && /^E(AI_)?[A-Z]+$/.test(code)) {
      return code
    }

    return codeOf(cause, depth - 1) ?? codeOf(error, depth - 1) ?? (Array.isArray(errors) ? codeOf(errors[0], depth - 1) : undefined)
  } catch {
    // the error of a transport may have getters that throw
    return undefined
  }
}
