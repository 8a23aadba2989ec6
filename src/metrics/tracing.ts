import { catchRejection } from '../pipeline/foreign-promises.ts'
import type { Connection, Metrics, TraceAttributes } from '@libp2p/interface'
import type { Candidate } from '../pipeline/types.ts'

/** The part of libp2p's metrics that makes spans */
export type Tracer = Pick<Metrics, 'traceFunction'>

interface SpanInit<O> {
  readonly name: string
  readonly attributes: TraceAttributes
  readonly options: O
  /** Whether what has failed was cancelled, which is no failure */
  readonly isCancelled: (error: any) => boolean
}

/**
 * Runs a function within a span of the trace that the options name. The function is given the options with the span in its place, and its
 * own promise is returned: that of a tracer may hide an error. A tracer that fails costs the span
 */
function inSpan<O extends object> (tracer: Tracer, { name, attributes, options, isCancelled }: SpanInit<O>, run: (options: O) => Promise<Connection>): Promise<Connection> {
  let promise: Promise<Connection> | undefined

  try {
    const traced: unknown = tracer.traceFunction<(options: O) => any>(name, async options => {
      promise = run(options)

      return promise.then(attributesOf, error => {
        if (isCancelled(error)) {
          return { 'libp2p.dial.outcome': 'cancelled' }
        }

        throw error
      })
    }, {
      optionsIndex: 0,
      getAttributesFromArgs: () => attributes,
      getAttributesFromReturnValue: outcome => ({ ...attributes, ...outcome })
    })(options)
    catchRejection(traced, () => {})
  } catch {}

  return promise ?? run(options)
}

/** Runs a dial in the span `libp2p.dial` */
export function traceDial<O extends object> (tracer: Tracer, { peer, multiaddrs }: { peer?: string, multiaddrs: readonly unknown[] }, options: O, run: (options: O) => Promise<Connection>): Promise<Connection> {
  return inSpan(tracer, {
    name: 'libp2p.dial',
    attributes: { ...peer == null ? {} : { 'libp2p.peer.id': peer }, 'libp2p.dial.addresses': multiaddrs.map(String) },
    options,
    isCancelled: error => error?.name === 'AbortError'
  }, run)
}

interface TracedAttempt {
  readonly candidate: Candidate
  /** Whether nobody wants the attempt any more: an error is no failure then */
  readonly isCancelled: () => boolean
}

/** Runs a dial of a transport in the span `libp2p.dial.attempt` */
export function traceAttempt<O extends object> (tracer: Tracer, { candidate: { id, facts: { peer, host, transport } }, isCancelled }: TracedAttempt, options: O, run: (options: O) => Promise<Connection>): Promise<Connection> {
  return inSpan(tracer, {
    name: 'libp2p.dial.attempt',
    attributes: { 'libp2p.multiaddr': id, 'libp2p.transport': transport, ...peer == null ? {} : { 'libp2p.peer.id': peer }, ...host == null ? {} : { 'network.peer.address': host } },
    options,
    isCancelled
  }, run)
}

function attributesOf ({ remoteAddr, remotePeer }: Connection): TraceAttributes {
  return { 'libp2p.dial.outcome': 'connected', 'libp2p.peer.id': String(remotePeer), 'libp2p.multiaddr': String(remoteAddr) }
}
