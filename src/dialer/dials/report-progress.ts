import { catchRejection } from '../../pipeline/foreign-promises.ts'
import { toError } from '../../pipeline/errors.ts'
import type { Logger } from '@libp2p/interface'

/** Passes an event to a caller's listener. What the listener throws, or rejects with, is logged and harms no dial */
export function reportProgress ({ onProgress }: { onProgress?: (event: any) => unknown }, event: unknown, log: Logger): void {
  const onError = (err: unknown): void => { log.error('a progress listener failed - %e', toError(err)) }

  try {
    catchRejection(onProgress?.(event), onError)
  } catch (err) {
    // a stack that is too deep is a fault of the dialer, which the next level must not take for handled
    if (isStackOverflow(err)) {
      throw err
    }

    onError(err)
  }
}

function isStackOverflow (err: unknown): boolean {
  return err instanceof RangeError && err.message.includes('call stack')
}
