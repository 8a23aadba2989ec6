import { AbortError, TimeoutError } from '@libp2p/interface'
import { isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { DIAL_TIMEOUT } from '../../pipeline/dial-components.ts'
import { describeValue } from '../../pipeline/describe-value.ts'
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
 * Resolves to whether a dial would try one of the addresses: it resolves, has a transport, and is not denied. Never rejects: resolves to
 * false for all that is no multiaddr, and without a signal after the node's `dialTimeout`
 */
export async function isDialable (given: Multiaddr | Multiaddr[], components: DialComponents, options?: IsDialableOptions): Promise<boolean> {
  const log = safeLog(components.logger, 'libp2p:dial-pipeline:is-dialable')

  try {
    // texts are parsed, as libp2p's own dialer does
    const multiaddrs = [given].flat().map(one => isMultiaddr(one) ? one : multiaddr(String(one)))
    const host = new PlanHost(components, new ParsedTarget(multiaddrs), {}, log)

    return await findsDialable(host, components, options ?? {})
  } catch (err) {
    log('could not tell whether %s is dialable - %e', describeValue(given), err)

    return false
  }
}

/** @throws the reason of the signal, and a TimeoutError without a signal */
async function findsDialable (host: PlanHost, { settings: { dialTimeout = DIAL_TIMEOUT } }: DialComponents, { signal, runOnLimitedConnection }: IsDialableOptions): Promise<boolean> {
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
  } finally {
    signal?.removeEventListener('abort', onAbort)
    part.end(new AbortError('The answer is known'))
  }
}
