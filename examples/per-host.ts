// Limits the attempts to one host. Guide: docs/guides/write-an-attempt-layer.md
import PQueue from 'p-queue'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { attemptTimeout, race } from 'libp2p-dial-pipeline/stages'
import type { AttemptLayer } from 'libp2p-dial-pipeline/stages'

/** Makes at most `max` attempts to one host at a time, in all dials of the node */
export function perHost (max: number): AttemptLayer {
  const queues = new Map<string, PQueue>()

  return next => async (candidate, options) => {
    const { id, facts: { host } } = candidate

    // the host is the relay, and this attempt waits for the dial of the relay: that dial takes the slot
    if (host == null || id.includes('/p2p-circuit')) {
      return next(candidate, options)
    }

    const queue = queues.get(host) ?? new PQueue({ concurrency: max })
    queues.set(host, queue)
    queue.addEventListener('idle', () => queues.delete(host), { once: true })

    if (queue.pending === max) {
      options.onHeld?.()
    }

    return queue.add(async () => next(candidate, options), { signal: options.signal })
  }
}

export const limited = adaptive().replace('race', race({ attempt: [perHost(2), attemptTimeout()] }))
