// Wraps each attempt, to measure how long hosts take to answer. Guide: docs/guides/write-an-attempt-layer.md
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { attemptTimeout, race } from 'libp2p-dial-pipeline/stages'
import type { AttemptLayer } from 'libp2p-dial-pipeline/stages'

/** Reports the first response of each host, in milliseconds after its attempt started */
export function measureResponse (report: (host: string, ms: number) => void): AttemptLayer {
  return next => async (candidate, options) => {
    let startedAt = NaN

    return next(candidate, {
      ...options,
      onStart: at => {
        startedAt = at
        options.onStart(at)
      },
      onFirstResponse: at => {
        report(candidate.facts.host ?? 'loopback', at - startedAt)
        options.onFirstResponse(at)
      }
    })
  }
}

/** The latest measurement of each host */
export const responses = new Map<string, number>()

export const measured = adaptive().replace('race', race({
  attempt: [measureResponse((host, ms) => responses.set(host, ms)), attemptTimeout()]
}))
