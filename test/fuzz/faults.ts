const faults: string[] = []

/** From now on, collects unhandled errors and rejections of this thread */
export function watchFaults (): void {
  process.on('unhandledRejection', reason => { faults.push(`unhandled rejection: ${describe(reason)}`) })
  process.on('uncaughtException', err => { faults.push(`uncaught exception: ${describe(err)}`) })
}

/** Returns the unhandled errors and rejections since the last call */
export function takeFaults (): string[] {
  return faults.splice(0, Infinity)
}

function describe (thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message).split('\n').slice(0, 3).join(' ') : String(thrown)
}
