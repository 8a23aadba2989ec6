import { openTelemetryMetrics } from '@libp2p/opentelemetry-metrics'
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller, race, stagger } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening, mute } from '../libp2p/kit.ts'
import type { DialOptions } from '@libp2p/interface'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'

const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
const tracer = trace.getTracer('test')

test.beforeEach(() => { exporter.reset() })
test.after(async () => { await provider.shutdown() })

const QUICK = pipeline(fromCaller(), stagger(10), race())

function attributesOf ({ attributes }: ReadableSpan): unknown[] {
  return [attributes['libp2p.multiaddr'], attributes['libp2p.dial.outcome']]
}

/** Runs a dial in a span. Returns libp2p's spans that ended within it, in order of their start */
async function spansOf (dial: (options: DialOptions) => Promise<unknown>): Promise<{ root: string, spans: ReadableSpan[] }> {
  const root = tracer.startSpan('application')
  await dial({ trace: trace.setSpan(ROOT_CONTEXT, root) } as DialOptions)
  // an aborted transport ends a moment later
  await new Promise(resolve => { setTimeout(resolve, 50) })
  root.end()

  return { root: root.spanContext().spanId, spans: exporter.getFinishedSpans().filter(({ name }) => name.startsWith('libp2p.dial')).toSorted((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]) }
}

test.serial('a traced dial makes a span with one for each attempt, and a lost attempt has no error status', async t => {
  const [node, remote, silent, closed] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), listening(t), mute(t), refused()])
  const peer = String(remote.peerId)
  const [good] = addressesOf(remote)
  const { root, spans } = await spansOf(async options => node.dial([silent.multiaddr.encapsulate(`/p2p/${peer}`), closed.multiaddr.encapsulate(`/p2p/${peer}`), good], options))

  t.deepEqual(spans.map(({ name }) => name), ['libp2p.dial', 'libp2p.dial.attempt', 'libp2p.dial.attempt', 'libp2p.dial.attempt'])
  const [dial, ...attempts] = spans as [ReadableSpan, ...ReadableSpan[]]
  t.is(dial.parentSpanContext?.spanId, root)
  t.deepEqual(attempts.map(({ parentSpanContext }) => parentSpanContext?.spanId), attempts.map(() => dial.spanContext().spanId))
  t.deepEqual(attributesOf(dial), [String(good), 'connected'])
  t.is(dial.attributes['libp2p.peer.id'], peer)
  t.deepEqual(attempts.map(attributesOf), [
    [`${silent.multiaddr}/p2p/${peer}`, 'cancelled'],
    [`${closed.multiaddr}/p2p/${peer}`, undefined],
    [String(good), 'connected']
  ])
  t.deepEqual(attempts.map(({ status }) => status.code), [SpanStatusCode.OK, SpanStatusCode.ERROR, SpanStatusCode.OK])
  t.regex(attempts[1]?.status.message ?? '', /ECONNREFUSED/)
})

test.serial('a failed dial rejects with its own error, and its span has the error status', async t => {
  const [node, closed] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), refused()])
  const { spans } = await spansOf(async options => { await t.throwsAsync(node.dial(closed.multiaddr.encapsulate(`/p2p/${await newPeer()}`), options), { message: /ECONNREFUSED/ }) })

  t.deepEqual(spans.map(({ name, status }) => [name, status.code]), [['libp2p.dial', SpanStatusCode.ERROR], ['libp2p.dial.attempt', SpanStatusCode.ERROR]])
})

test.serial('a dial without a trace context makes no span', async t => {
  const [node, remote] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), listening(t)])
  await context.with(trace.setSpan(ROOT_CONTEXT, tracer.startSpan('application')), async () => node.dial(addressesOf(remote)))

  t.deepEqual(exporter.getFinishedSpans().filter(({ name }) => name.startsWith('libp2p.dial')), [])
})

test.serial('a tracer that throws does not fail the dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), listening(t)])
  // `any`: the components of a node are not in its type
  const { metrics } = (node as any).components
  metrics.traceFunction = () => { throw new Error('no tracer') }
  const connection = await node.dial(addressesOf(remote), { trace: ROOT_CONTEXT } as DialOptions)

  t.is(connection.status, 'open')
})

test.serial('a tracer that rejects does not fail the dial, and leaves no unhandled rejection', async t => {
  const [node, remote] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), listening(t)])
  // `any`: the components of a node are not in its type
  const { metrics } = (node as any).components
  const spans: string[] = []
  metrics.traceFunction = (name: string, run: (options: object) => Promise<unknown>) => async (options: object) => {
    await run(options)
    spans.push(name)
    throw new Error('no tracer')
  }
  const connection = await node.dial(addressesOf(remote), { trace: ROOT_CONTEXT } as DialOptions)
  // an unhandled rejection of this turn fails the test file
  await new Promise(resolve => { setImmediate(resolve) })

  t.is(connection.status, 'open')
  t.deepEqual(spans, ['libp2p.dial.attempt', 'libp2p.dial'])
})

test.serial('a tracer that begins a span in a later turn dials each address once', async t => {
  const [node, remote] = await Promise.all([dialling(t, QUICK, { metrics: openTelemetryMetrics() }), listening(t)])
  // `any`: the components of a node are not in its type
  const { metrics, transportManager } = (node as any).components
  let attempts = 0
  metrics.traceFunction = (_name: string, run: (options: object) => Promise<unknown>) => async (options: object) => {
    await new Promise(resolve => { setImmediate(resolve) })

    return run(options)
  }
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (...args: unknown[]) => {
    attempts++

    return dial(...args)
  }
  await node.dial(addressesOf(remote), { trace: ROOT_CONTEXT } as DialOptions)
  // the tracer's second span begins one turn after the first
  await new Promise(resolve => { setTimeout(resolve, 50) })

  t.is(attempts, 1)
})
