import { catchRejection } from '../pipeline/foreign-promises.ts'
import type { Connection, Metrics, TraceAttributes } from '@libp2p/interface'
import type { Candidate } from '../pipeline/types.ts'

/** The part of libp2p's metrics that creates spans */
export type Tracer = Pick<Metrics, 'traceFunction'>

interface SpanInit<O> {
  readonly name: string
  readonly attributes: TraceAttributes
  readonly options: O
  /** Returns whether an error is a cancellation, which does not mark the span as failed */
  readonly isCancelled: (error: any) => boolean
}

/**
 * Runs a function within a span of the trace in the options. The function gets options that refer to the new span. Returns the function's
 * own promise, because a tracer's promise may hide an error. A tracer that fails only loses the span
 */
function inSpan<O extends object> (tracer: Tracer, { name, attributes, options, isCancelled }: SpanInit<O>, run: (options: O) => Promise<Connection>): Promise<Connection> {
  let promise: Promise<Connection> | undefined

  try {
    const traced: unknown = tracer.traceFunction<(options: O) => any>(name, async options => {
      // a tracer may call this function later than it should, when the dial runs already
      promise ??= run(options)

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

  return (promise ??= run(options))
}

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
  /** Returns whether the attempt was cancelled: its error is no failure then */
  readonly isCancelled: () => boolean
}

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
