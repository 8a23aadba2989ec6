/** The exit codes of the process */
export const EXIT = {
  connected: 0,
  failed: 1,
  /** The command was called wrongly: an unknown option or preset, a file that cannot be read */
  usage: 2,
  /** Ctrl-C, as shells say it: 128 and the number of SIGINT */
  interrupted: 130
} as const

/** The command was called wrongly */
export class UsageError extends Error {
  static override readonly name = 'UsageError'
  override readonly name = 'UsageError'
}
