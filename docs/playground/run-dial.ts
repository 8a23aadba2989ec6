// Runs the dial of a pipeline in a frame of its own
import type { NetworkSettings } from './settings.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** The task of the frame */
export interface Order {
  readonly code: string
  readonly network: NetworkSettings
}

/** The timeout in milliseconds of real time. A simulated dial takes a few */
const LIMIT = 10_000

/** The texts of the modules of the page, by import name */
declare const modules: Readonly<Record<string, string>>

/** The source of the page's loader, a classic script */
declare const loaderText: string

/**
 * Runs the code of a pipeline without access to this page or a network, and returns the trace of its dial. The value comes from foreign code: check
 * it before use
 *
 * @throws Error with the message of the error that the code threw, or after the timeout
 */
export async function runDial (order: Order): Promise<DialTrace> {
  const frame = document.createElement('iframe')
  frame.sandbox.add('allow-scripts')
  frame.hidden = true
  frame.title = 'The pipeline runs here'
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><script>${loaderText}; answerOrders()</script>`

  const { promise, resolve, reject } = Promise.withResolvers<DialTrace>()
  const timer = setTimeout(() => { reject(new Error(`The pipeline has not ended its dial in ${LIMIT / 1_000} s`)) }, LIMIT)
  const onMessage = ({ source, data }: MessageEvent): void => {
    if (source !== frame.contentWindow) {
      return
    }

    if (data?.isReady === true) {
      frame.contentWindow?.postMessage({ modules, order }, '*')
    } else if (typeof data?.error === 'string') {
      reject(new Error(data.error.slice(0, 2_000)))
    } else {
      resolve(data?.trace)
    }
  }
  addEventListener('message', onMessage)
  document.body.append(frame)

  try {
    return await promise
  } finally {
    clearTimeout(timer)
    removeEventListener('message', onMessage)
    frame.remove()
  }
}
