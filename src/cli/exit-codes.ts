/** Exit codes of the process */
export const EXIT = {
  connected: 0,
  failed: 1,
  /** Wrong usage: an unknown option or preset, or a file that cannot be read */
  usage: 2,
  /** Ctrl-C: 128 plus the number of SIGINT, as in shells */
  interrupted: 130
} as const

/** Thrown when a command is used wrongly */
export class UsageError extends Error {
  static override readonly name = 'UsageError'
  override readonly name = 'UsageError'
}
