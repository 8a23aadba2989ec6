import { AbortError, TimeoutError } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { DIAL_TIMEOUT } from '../../pipeline/dial-components.ts'
import { pipeline } from '../../pipeline/pipeline.ts'
import { listStagesOf } from '../../pipeline/runtime/connect.ts'
import { Lists } from '../../pipeline/runtime/lists.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { dialable } from '../../stages/dialable.ts'
import { fromCaller } from '../../stages/from-caller.ts'
import { gater } from '../../stages/gater.ts'
import { resolve } from '../../stages/resolve.ts'
import { PlanHost } from './plan-dial.ts'
import { ParsedTarget } from './target.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { IsDialableOptions } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const check = pipeline(fromCaller(), resolve(), dialable(), gater())

/**
 * Resolves to whether a dial would try one of the addresses: it resolves, has a transport, and is not denied. Never rejects. Without a
 * signal it resolves to false after the node's `dialTimeout`
 */
export async function isDialable (multiaddr: Multiaddr | Multiaddr[], components: DialComponents, { signal, runOnLimitedConnection }: IsDialableOptions = {}): Promise<boolean> {
  const { dialTimeout = DIAL_TIMEOUT } = components.settings
  const log = safeLog(components.logger, 'libp2p:dial-pipeline:is-dialable')
  const host = new PlanHost(components, new ParsedTarget(Array.isArray(multiaddr) ? multiaddr : [multiaddr]), {}, log)
  const part = new Part(host)
  const onAbort = (): void => { part.end(signal?.reason) }
  signal?.addEventListener('abort', onAbort)

  if (signal == null) {
    part.after(dialTimeout, () => { part.end(new TimeoutError(`No answer after ${dialTimeout} ms`)) })
  }

  try {
    signal?.throwIfAborted()
    const lists = new Lists(part, undefined, listStagesOf(check.stages, part))

    while (true) {
      const { candidates, complete } = lists.take()

      if (candidates.some(candidate => runOnLimitedConnection !== false || !Circuit.matches(candidate.multiaddr))) {
        return true
      }

      if (complete) {
        return false
      }

      await host.target.wake.wait(part, Infinity)
    }
  } catch (err) {
    log('could not tell whether %s is dialable - %e', multiaddr, err)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    part.end(new AbortError('The answer is known'))
  }

  return false
}
