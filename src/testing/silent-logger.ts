import type { ComponentLogger, Logger } from '@libp2p/interface'

function silent (): Logger {
  const log = Object.assign(() => {}, { enabled: false, trace: () => {}, error: () => {}, newScope: silent })

  return log
}

/** A logger that discards everything */
export const silentLogger: ComponentLogger = { forComponent: silent }
