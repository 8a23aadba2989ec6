// Has a pipeline dial, in a frame of its own
import type { NetworkSettings } from './settings.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** The task of the frame */
export interface Order {
  readonly code: string
  readonly network: NetworkSettings
}

/** Milliseconds of real time: a simulated dial takes a few */
const LIMIT = 10_000

/** The module texts of the page, by the name that they are imported by */
declare const modules: Readonly<Record<string, string>>

/** The source of the page's own loader, a classic script */
declare const loaderText: string

/**
 * Runs the code of a pipeline, without access to this page or to any network, and returns the trace of its dial. It may be anything: whoever
 * renders it checks it
 *
 * @throws Error with the words of the one that the code threw, or when it does not end
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
