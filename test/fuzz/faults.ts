const faults: string[] = []

/** Collects what nobody handles in this thread, from now on */
export function watchFaults (): void {
  process.on('unhandledRejection', reason => { faults.push(`unhandled rejection: ${describe(reason)}`) })
  process.on('uncaughtException', err => { faults.push(`uncaught exception: ${describe(err)}`) })
}

/** Returns what nobody has handled since the last call */
export function takeFaults (): string[] {
  return faults.splice(0, Infinity)
}

function describe (thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message).split('\n').slice(0, 3).join(' ') : String(thrown)
}
